import { FIELDS, valueIn, valuesOf } from './cron.ts';
import { DAY, HOUR, MINUTE } from './duration.ts';

/** A month of a year. */
export interface Calendar {
  /** In days since 1970. */
  readonly firstDay: number;
  /** 1, 2, … */
  readonly days: readonly number[];
  /** 1 is Sunday, as in the field. */
  weekday(day: number): number;
}

/** A plan has many schedules, each looked at over 180 years: a `Date` for each of their days would take seconds. */
export function calendarOf(year: number, month: number): Calendar {
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
export type DaysIn = (month: Calendar) => readonly number[];

/** The days that the two fields of a valid cron name. One of them is `?`. */
export function daysOf(dayOfMonth: string, dayOfWeek: string): DaysIn {
  return dayOfMonth === '?' ? byWeekday(dayOfWeek) : byDayOfMonth(dayOfMonth);
}

/** The runs of a valid cron in the `withinMs` before `until`, newest first, in UTC. */
export function runsBefore(fields: string, until: Date, withinMs: number): Date[] {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] =
    fields.split(/\s+/);
  const [allMinutes, allHours] = [valuesOf(FIELDS.minutes, minutes), valuesOf(FIELDS.hours, hours)];
  const [months, years] = [valuesOf(FIELDS.month, month), valuesOf(FIELDS.year, year)];
  const daysIn = daysOf(dayOfMonth, dayOfWeek);
  const earliest = until.getTime() - withinMs;
  const runs: Date[] = [];
  for (let day = startOfDay(until.getTime()); day > earliest - DAY; day -= DAY) {
    const date = new Date(day);
    const [y, m] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
    if (!years.has(y) || !months.has(m) || !daysIn(calendarOf(y, m)).includes(date.getUTCDate())) continue;
    for (const hour of allHours)
      for (const minute of allMinutes) runs.push(new Date(day + hour * HOUR + minute * MINUTE));
  }
  return runs
    .filter((run) => run <= until && run.getTime() > earliest)
    .sort((one, other) => other.getTime() - one.getTime());
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

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
