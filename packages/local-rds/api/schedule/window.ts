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

/** Where the choice of a default begins. RDS chooses at random, in a block of eight hours of the Region. */
const defaults = { backup: '03:00-03:30', maintenance: 'sun:04:00-sun:04:30' };

/**
 * Both windows of an instance, in lower case. One that is left out is half an hour that does not meet the other. Throws
 * InvalidParameterValue for one that is misspelt, shorter than half an hour or, of maintenance, longer than a day, and
 * InvalidParameterCombination where they overlap.
 */
export function checkWindows({
  backup,
  maintenance,
}: {
  backup: string | undefined;
  maintenance: string | undefined;
}): {
  PreferredBackupWindow: string;
  PreferredMaintenanceWindow: string;
} {
  const given = {
    backup: backup === undefined ? undefined : checkBackup(backup),
    maintenance: maintenance === undefined ? undefined : checkMaintenance(maintenance),
  };
  const weekly = given.maintenance ?? besides(given.backup, defaults.maintenance, weekMinutes);
  const daily = given.backup ?? besides(weekly, defaults.backup, dayMinutes);
  if (overlap(daily, weekly))
    throw new Fault(
      'InvalidParameterCombination',
      `The backup window and maintenance window must not overlap: ${daily} and ${weekly}`,
    );
  return { PreferredBackupWindow: daily, PreferredMaintenanceWindow: weekly };
}

function checkBackup(window: string): string {
  if (!BACKUP.test(window)) throw invalid(`Invalid backup window format: ${window}`);
  if (lengthOf(window, dayMinutes) < shortestMinutes)
    throw invalid(`The backup window must be at least ${shortestMinutes} minutes: ${window}`);
  return window;
}

function checkMaintenance(window: string): string {
  if (!MAINTENANCE.test(window)) throw invalid(`Invalid maintenance window format: ${window}`);
  const weekly = window.toLowerCase();
  const minutes = lengthOf(weekly, weekMinutes);
  if (minutes < shortestMinutes)
    throw invalid(`The maintenance window must be at least ${shortestMinutes} minutes: ${window}`);
  if (minutes > dayMinutes) throw invalid(`The maintenance window must be less than 24 hours: ${window}`);
  return weekly;
}

/** The first half hour, from the default on, that does not meet the other window; the default where there is none. */
function besides(other: string | undefined, first: string, cycle: number): string {
  if (other === undefined) return first;
  const begin = minuteOf(first.split('-')[0] ?? '');
  for (let later = 0; later < cycle; later++) {
    const window = [begin + later, begin + later + shortestMinutes]
      .map((minute) => textOf(minute % cycle, cycle))
      .join('-');
    if (!(cycle === dayMinutes ? overlap(window, other) : overlap(other, window))) return window;
  }
  return first;
}

function textOf(minute: number, cycle: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const time = `${two((minute % dayMinutes) / 60)}:${two(minute % 60)}`;
  return cycle === dayMinutes ? time : `${days[Math.floor(minute / dayMinutes)]}:${time}`;
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
