import type { Plan } from './schema.ts';
import type { Backup } from './sections/backups.ts';
import type { Database } from './sections/databases.ts';
import { MINUTE, type Milliseconds, milliseconds } from './values/duration.ts';
import { longestGap } from './values/longest-gap.ts';

/** How much data of a database can be lost, given the backups that Lifeboat itself takes. */
export interface WorstLoss {
  readonly database: string;
  /** The longest time between two backups. Null if Lifeboat takes none on a schedule. */
  readonly loss: Milliseconds | null;
  /** The plan's RPO; null where any loss is accepted. */
  readonly objective: Milliseconds | null;
  readonly met: boolean;
}

/**
 * Compares the RPO with Lifeboat's own backups, for each database. Backups by other tools are not promised or
 * counted.
 */
export function worstLosses({ databases, objectives: { rpo } }: Plan): WorstLoss[] {
  return Object.entries(databases).map(([database, planned]) => {
    const loss = worstLossOf(planned);
    return { database, loss, objective: rpo, met: rpo === null || (loss !== null && loss <= rpo) };
  });
}

/**
 * The longest time between two states that Lifeboat's own backups can restore: the gap of the most frequent one.
 *
 * @returns null if Lifeboat takes none on a schedule
 */
export function worstLossOf({ backups }: Database): Milliseconds | null {
  return Object.values(backups)
    .flatMap((backup) => (backup.takenBy === undefined ? (longestGapOf(backup) ?? []) : []))
    .reduce<Milliseconds | null>((least, gap) => (least === null || gap < least ? gap : least), null);
}

/** RDS archives the log of an instance this often. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html */
const ARCHIVED_EVERY = milliseconds(5 * MINUTE);

/** The longest time between two states that a backup can restore; null if it is not taken again and again. */
export function longestGapOf(backup: Backup): Milliseconds | null {
  return 'pointInTime' in backup && backup.takenBy === undefined
    ? ARCHIVED_EVERY
    : longestGap(backup.schedule);
}

/** The backups that Lifeboat takes but no restore test restores: unproven backups. */
export function untestedBackups({ databases, restoreTests }: Plan): { database: string; backup: string }[] {
  const tested = new Set(Object.values(restoreTests).map(({ from }) => `${from.database}/${from.backup}`));
  return Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups)
      .filter(([backup, planned]) => planned.takenBy === undefined && !tested.has(`${database}/${backup}`))
      .map(([backup]) => ({ database, backup })),
  );
}
