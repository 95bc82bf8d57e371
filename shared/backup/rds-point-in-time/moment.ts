import type { RestorableWindow } from './automated-backups.ts';

const MOMENT = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** The id of the recovery point that a moment is. RDS restores to whole seconds. Ids sort by time as text. */
export function momentId(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** The moment that a recovery point is; null if that is not the id of one. */
export function momentOf(id: string): Date | null {
  const moment = new Date(id.replace(MOMENT, '$1-$2-$3T$4:$5:$6.000Z'));
  return MOMENT.test(id) && !Number.isNaN(moment.getTime()) && momentId(moment) === id ? moment : null;
}

/** The whole seconds of a window, which has fractions: RDS refuses a second that is not wholly within. Null if there is none. */
export function wholeSecondsOf({ earliest, latest }: RestorableWindow): RestorableWindow | null {
  const first = nextSecond(earliest);
  const last = new Date(Math.floor(latest.getTime() / 1_000) * 1_000);
  return first <= last ? { earliest: first, latest: last } : null;
}

/** The first whole second that is not before a time. RDS restores to no other, and what was committed by that time is in it. */
export function nextSecond(time: Date): Date {
  return new Date(Math.ceil(time.getTime() / 1_000) * 1_000);
}

/** Whether a moment can be restored. */
export function isWithin({ earliest, latest }: RestorableWindow, moment: Date): boolean {
  return earliest <= moment && moment <= latest;
}
