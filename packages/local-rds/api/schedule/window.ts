import { Fault } from '../../protocol/fault.ts';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * When the window that `now` lies in began; undefined outside of it. Windows are in UTC, `hh:mm-hh:mm` each day or
 * `ddd:hh:mm-ddd:hh:mm` each week, and may go on past midnight or the end of the week.
 */
export function windowBegan(window: string, now: Date): Date | undefined {
  const [from = '', to = ''] = window.split('-');
  const cycle = /^[a-z]/.test(from) ? weekMinutes : dayMinutes;
  const minutes = Math.floor(now.getTime() / minuteMs);
  // The first of January 1970 was a Thursday.
  const current = ((minutes + 4 * dayMinutes) % weekMinutes) % cycle;
  const since = (current - minuteOf(from) + cycle) % cycle;
  const length = (minuteOf(to) - minuteOf(from) + cycle) % cycle;
  return since < length ? new Date((minutes - since) * minuteMs) : undefined;
}

const BACKUP = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const MAINTENANCE =
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/i;
const shortestMinutes = 30;

/**
 * Both windows of an instance, in lower case. Throws InvalidParameterValue for one that is misspelt, shorter than half an hour or, of
 * maintenance, longer than a day, and InvalidParameterCombination where they overlap.
 */
export function checkWindows({ backup, maintenance }: { backup: string; maintenance: string }): {
  PreferredBackupWindow: string;
  PreferredMaintenanceWindow: string;
} {
  if (!BACKUP.test(backup)) throw invalid(`Invalid backup window format: ${backup}`);
  if (!MAINTENANCE.test(maintenance)) throw invalid(`Invalid maintenance window format: ${maintenance}`);
  const [daily, weekly] = [backup.toLowerCase(), maintenance.toLowerCase()];
  if (lengthOf(daily, dayMinutes) < shortestMinutes)
    throw invalid(`The backup window must be at least ${shortestMinutes} minutes: ${backup}`);
  const weeklyMinutes = lengthOf(weekly, weekMinutes);
  if (weeklyMinutes < shortestMinutes)
    throw invalid(`The maintenance window must be at least ${shortestMinutes} minutes: ${maintenance}`);
  if (weeklyMinutes > dayMinutes)
    throw invalid(`The maintenance window must be less than 24 hours: ${maintenance}`);
  if (overlap(daily, weekly))
    throw new Fault(
      'InvalidParameterCombination',
      `The backup window and maintenance window must not overlap: ${backup} and ${maintenance}`,
    );
  return { PreferredBackupWindow: daily, PreferredMaintenanceWindow: weekly };
}

function lengthOf(window: string, cycle: number): number {
  const [from = '', to = ''] = window.split('-');
  return (minuteOf(to) - minuteOf(from) + cycle) % cycle;
}

/** Whether the daily window meets the weekly one on any day. */
function overlap(daily: string, weekly: string): boolean {
  const [from = ''] = daily.split('-');
  const [begin = ''] = weekly.split('-');
  const [length, weeklyLength] = [lengthOf(daily, dayMinutes), lengthOf(weekly, weekMinutes)];
  return days.some((_, day) => {
    const since = (day * dayMinutes + minuteOf(from) - minuteOf(begin) + weekMinutes) % weekMinutes;
    return since < weeklyLength || since + length > weekMinutes;
  });
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);

function minuteOf(text: string): number {
  const parts = text.split(':');
  const [hour = '', minute = ''] = parts.slice(-2);
  const day = parts.length === 3 ? days.indexOf(parts[0] ?? '') : 0;
  return day * dayMinutes + Number(hour) * 60 + Number(minute);
}
