import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { cronMistake } from './cron.ts';
import { type Milliseconds, parseDuration } from './duration.ts';

/**
 * When something runs. `cron` and `rate` are EventBridge Scheduler expressions in UTC, passed on as written.
 * `on-demand` runs when a person asks, `on-change` when a delivery pipeline does.
 */
export type Schedule =
  | { kind: 'cron'; fields: string }
  | { kind: 'rate'; every: Milliseconds }
  | { kind: 'on-demand' }
  | { kind: 'on-change' };

/** The text is not a schedule; `expected` completes "expected …". */
export class ScheduleInvalid extends LifeboatError {
  override readonly name = 'ScheduleInvalid';
  override readonly kind = 'usage';

  readonly text: string;
  readonly expected: string;

  constructor(text: string, expected: string) {
    super(`expected ${expected}, found ${JSON.stringify(text)}`);
    this.text = text;
    this.expected = expected;
  }
}

/** The outer form of a schedule, for editors. parseSchedule checks the inside of `cron(...)`. */
export const SCHEDULE =
  /^(?:cron\(.+\)|rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9][0-9]{1,4}) (?:minutes|hours|days))\)|on-demand|on-change)$/;

const SCHEDULE_PHRASE =
  'a schedule: cron(0 2 * * ? *), rate(15 minutes), rate(1 hour), on-demand or on-change';

/**
 * Reads a schedule.
 *
 * Rates follow https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based: a positive whole
 * number of minutes, hours or days; the singular is for 1, the plural for the others.
 *
 * @throws {ScheduleInvalid} when EventBridge Scheduler would refuse it
 */
export function parseSchedule(text: string): Schedule {
  if (!SCHEDULE.test(text)) throw new ScheduleInvalid(text, SCHEDULE_PHRASE);
  if (text === 'on-demand' || text === 'on-change') return { kind: text };

  const [, cron] = /^cron\((.+)\)$/.exec(text) ?? [];
  if (cron !== undefined) {
    const mistake = cronMistake(cron);
    if (mistake !== undefined) throw new ScheduleInvalid(text, mistake);
    return { kind: 'cron', fields: cron.trim() };
  }
  const [, count, unit] = /^rate\((\d+) ([mhd])/.exec(text) ?? [];
  return { kind: 'rate', every: parseDuration(`${count}${unit}`) };
}

/** The phrase that completes "expected …" for a text that is not a schedule; undefined for one that is. */
export function scheduleMistake(text: string): string | undefined {
  try {
    parseSchedule(text);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleInvalid) return error.expected;
    throw error;
  }
}
