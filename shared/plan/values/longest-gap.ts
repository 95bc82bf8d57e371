import { FIELDS, valuesOf } from './cron.ts';
import { calendarOf, daysOf } from './cron-days.ts';
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
  const daysIn = daysOf(dayOfMonth, dayOfWeek);
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
