import { FIELDS, valueIn, valuesOf } from './cron.ts';
import { DAY, MINUTE, type Milliseconds, milliseconds } from './duration.ts';
import { parseSchedule } from './schedule.ts';

const DAY_MINUTES = DAY / MINUTE;
/**
 * Checks every year from here to the last that a cron can name. Leap years and weekdays repeat within that
 * range.
 */
const FIRST_YEAR = 2020;

/**
 * The longest time between two runs of a schedule. Null if it does not repeat indefinitely: `on-demand`,
 * `on-change`, and a cron whose years end.
 *
 * @throws {ScheduleInvalid}
 */
export function longestGap(schedule: string): Milliseconds | null {
  const parsed = parseSchedule(schedule);
  if (parsed.kind === 'rate') return parsed.every;
  return parsed.kind === 'cron' ? longestGapOfCron(parsed.fields) : null;
}

function longestGapOfCron(fields: string): Milliseconds | null {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] =
    fields.split(/\s+/);
  const years = valuesOf(FIELDS.year, year);
  if (!years.has(FIELDS.year.most)) return null;
  const times = timesOfDay(valuesOf(FIELDS.hours, hours), valuesOf(FIELDS.minutes, minutes));
  const months = valuesOf(FIELDS.month, month);
  const daysIn = dayOfMonth === '?' ? byWeekday(dayOfWeek) : byDayOfMonth(dayOfMonth);
  const [first = 0, last = 0] = [times[0], times.at(-1)];

  let longest = Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  let before: number | undefined;
  for (let y = FIRST_YEAR; y <= FIELDS.year.most; y++) {
    if (!years.has(y)) continue;
    for (let m = 1; m <= 12; m++) {
      if (!months.has(m)) continue;
      const calendar = calendarOf(y, m);
      for (const day of daysIn(calendar)) {
        const number = calendar.firstDay + day - 1;
        if (before !== undefined) longest = Math.max(longest, (number - before) * DAY_MINUTES - last + first);
        before = number;
      }
    }
  }
  return before === undefined ? null : milliseconds(longest * MINUTE);
}

/** Minutes since midnight, in order. */
function timesOfDay(hours: ReadonlySet<number>, minutes: ReadonlySet<number>): number[] {
  return [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
}

/** A month of a year. */
interface Calendar {
  /** In days since 1970. */
  readonly firstDay: number;
  /** 1, 2, … */
  readonly days: readonly number[];
  /** 1 is Sunday, as in the field. */
  weekday(day: number): number;
}

/** A plan has many schedules, each looked at over 180 years: a `Date` for each of their days would take seconds. */
function calendarOf(year: number, month: number): Calendar {
  const firstDay = Date.UTC(year, month - 1) / DAY;
  const length = Date.UTC(year, month) / DAY - firstDay;
  return {
    firstDay,
    days: Array.from({ length }, (_, index) => index + 1),
    weekday: (day) => ((firstDay + day - 1 + THURSDAY) % 7) + 1, // 1970 began on a Thursday
  };
}

const THURSDAY = 4;

/** The days of a month on which a schedule runs, in order. */
type DaysIn = (month: Calendar) => readonly number[];

function byWeekday(text: string): DaysIn {
  if (text === 'L') return ({ days, weekday }) => days.filter((day) => weekday(day) === 7);
  const special = /^(.+)(?:#([1-5])|(L))$/.exec(text);
  if (!special) {
    const wanted = valuesOf(FIELDS.dayOfWeek, text);
    return ({ days, weekday }) => days.filter((day) => wanted.has(weekday(day)));
  }
  const [, name = '', nth] = special;
  const wanted = valueIn(FIELDS.dayOfWeek, name);
  return ({ days, weekday }) => {
    const matching = days.filter((day) => weekday(day) === wanted);
    return [nth === undefined ? matching.at(-1) : matching[Number(nth) - 1]].filter(
      (day) => day !== undefined,
    );
  };
}

function byDayOfMonth(text: string): DaysIn {
  if (text === 'L') return ({ days }) => [days.length];
  const nearest = /^(\d+)W$/.exec(text)?.[1];
  if (nearest === undefined) {
    const wanted = valuesOf(FIELDS.dayOfMonth, text);
    return ({ days }) => days.filter((day) => wanted.has(day));
  }
  // The nearest day from Monday to Friday of the same month.
  const day = Number(nearest);
  return ({ days, weekday }) => {
    if (day > days.length) return [];
    if (weekday(day) === 7) return [day === 1 ? 3 : day - 1];
    if (weekday(day) === 1) return [day === days.length ? day - 2 : day + 1];
    return [day];
  };
}
