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

/** Whether a moment can be restored. */
export function isWithin({ earliest, latest }: RestorableWindow, moment: Date): boolean {
  return earliest <= moment && moment <= latest;
}
