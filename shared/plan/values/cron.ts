/**
 * The fields of an EventBridge Scheduler cron expression, in order, and the values allowed in each.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based and the table
 * of values and wildcards in
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 *
 * Forms that AWS does not document (`1-30/5`, `LW`, `22-2`) are refused here, not in the middle of a
 * deployment.
 */
export interface CronField {
  readonly title: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values; the first names `least`. */
  readonly names: readonly string[];
  readonly increments: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const FIELDS = {
  minutes: { title: 'minutes', least: 0, most: 59, names: [], increments: true },
  hours: { title: 'hours', least: 0, most: 23, names: [], increments: true },
  dayOfMonth: { title: 'day-of-month', least: 1, most: 31, names: [], increments: true },
  month: { title: 'month', least: 1, most: 12, names: MONTHS, increments: true },
  dayOfWeek: { title: 'day-of-week', least: 1, most: 7, names: WEEKDAYS, increments: false },
  year: { title: 'year', least: 1970, most: 2199, names: [], increments: true },
} satisfies Record<string, CronField>;

/**
 * The error in the six fields inside `cron(...)`, as the phrase that completes "expected …". Undefined if
 * EventBridge Scheduler accepts them and some day matches.
 */
export function cronMistake(text: string): string | undefined {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...more] = text.trim().split(/\s+/);
  if (!minutes || !hours || !dayOfMonth || !month || !dayOfWeek || !year || more.length > 0) {
    return 'six cron fields: minutes hours day-of-month month day-of-week year';
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return 'exactly one ? in a cron, for day-of-month or for day-of-week';
  }
  return (
    fieldMistake(FIELDS.minutes, minutes) ??
    fieldMistake(FIELDS.hours, hours) ??
    dayOfMonthMistake(dayOfMonth) ??
    fieldMistake(FIELDS.month, month) ??
    dayOfWeekMistake(dayOfWeek) ??
    fieldMistake(FIELDS.year, year) ??
    neverMistake(dayOfMonth, month, year)
  );
}

function dayOfMonthMistake(text: string): string | undefined {
  if (text === '?' || text === 'L') return undefined;
  const nearestWeekday = /^(\d{1,2})W$/.exec(text)?.[1];
  return fieldMistake(FIELDS.dayOfMonth, nearestWeekday ?? text, ', L, ? or a weekday such as 15W');
}

function dayOfWeekMistake(text: string): string | undefined {
  if (text === '?' || text === 'L') return undefined;
  // `FRIL` is the last Friday of the month, `3#2` its second Tuesday. Neither may be in a list.
  const special = /^([^*,-]+)(?:#[1-5]|L)$/.exec(text)?.[1];
  return fieldMistake(
    FIELDS.dayOfWeek,
    special ?? text,
    ', L, ?, a last day such as FRIL or an nth such as 2#1',
  );
}

function fieldMistake(field: CronField, text: string, alsoAllowed = ''): string | undefined {
  if (text === '*' || text.split(',').every((part) => isPart(field, part))) return undefined;
  const names = field.names.length === 0 ? '' : ` or ${field.names[0]}-${field.names.at(-1)}`;
  const forms = field.increments ? 'lists, rising ranges, increments' : 'lists, rising ranges';
  return `the cron's ${field.title} to be ${field.least}-${field.most}${names} (${forms}), *${alsoAllowed}`;
}

/** One value (`5`, `MON`), a rising range (`1-5`, `MON-FRI`) or an increment (`0/15`, also from `*`). */
function isPart(field: CronField, part: string): boolean {
  const increment = /^([^/]+)\/(\d{1,4})$/.exec(part);
  if (increment) {
    const [, start = '', step = ''] = increment;
    const startKnown = start === '*' || valueIn(field, start) !== undefined;
    return field.increments && startKnown && Number(step) >= 1 && Number(step) <= field.most;
  }
  const [first = '', last, ...more] = part.split('-');
  const from = valueIn(field, first);
  const to = last === undefined ? from : valueIn(field, last);
  return more.length === 0 && from !== undefined && to !== undefined && from <= to;
}

/** The value that a text names in a field; undefined if it names no value. */
export function valueIn(field: CronField, text: string): number | undefined {
  const named = field.names.indexOf(text);
  if (named >= 0) return field.least + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.least && value <= field.most ? value : undefined;
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The values of a valid field that holds `*`, lists, ranges and increments. */
export function valuesOf(field: CronField, text: string): Set<number> {
  return new Set(text.split(',').flatMap((part) => valuesOfPart(field, part)));
}

function valuesOfPart(field: CronField, part: string): number[] {
  const [range = '', step] = part.split('/');
  const [from, to] = range.split('-');
  const start = range === '*' ? field.least : (valueIn(field, from ?? '') ?? field.least);
  const open = range === '*' || step !== undefined;
  const end = to !== undefined ? (valueIn(field, to) ?? field.most) : open ? field.most : start;
  const every = Number(step ?? 1);
  return Array.from({ length: Math.floor((end - start) / every) + 1 }, (_, index) => start + index * every);
}

/** A backup on 30 February never runs, and its absence stays unnoticed until the backup is needed. */
function neverMistake(dayOfMonth: string, month: string, year: string): string | undefined {
  const [, days = ''] = /^([\d*][^W]*)W?$/.exec(dayOfMonth) ?? [];
  const earliest = days === '' ? 1 : Math.min(...valuesOf(FIELDS.dayOfMonth, days));
  const months = [...valuesOf(FIELDS.month, month)];
  const longEnough = months.filter((each) => earliest <= (LONGEST_MONTHS[each - 1] ?? 31));
  if (longEnough.length === 0) {
    const names = months.map((each) => MONTHS[each - 1]);
    const which = names.length === 1 ? `${names[0]} never` : `none of ${names.join(', ')}`;
    return `a day that exists: ${which} has ${earliest} days`;
  }
  const onlyLeapDays = earliest === 29 && longEnough.every((each) => each === 2);
  if (onlyLeapDays && ![...valuesOf(FIELDS.year, year)].some(isLeapYear))
    return 'a day that exists: FEB has 29 days in leap years only';
  return undefined;
}

function isLeapYear(year: number): boolean {
  return new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
}
