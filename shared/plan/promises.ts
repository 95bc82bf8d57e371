import type { Plan } from './schema.ts';
import { isTakenByLifeboat } from './sections/backups.ts';
import type { Milliseconds } from './values/duration.ts';
import { longestGap } from './values/longest-gap.ts';

/** How much data of a database can be lost, given the backups that Lifeboat itself takes. */
export interface WorstLoss {
  readonly database: string;
  /** The longest time between two backups. Null if Lifeboat takes none on a schedule. */
  readonly loss: Milliseconds | null;
  /** The plan's RPO. */
  readonly objective: Milliseconds;
  readonly met: boolean;
}

/**
 * Compares the RPO with Lifeboat's own backups, for each database. Backups by other tools are not promised or
 * counted.
 */
export function worstLosses({ databases, objectives }: Plan): WorstLoss[] {
  return Object.entries(databases).map(([database, { backups }]) => {
    const gaps = Object.values(backups)
      .filter((backup) => isTakenByLifeboat(backup))
      .map(({ schedule }) => longestGap(schedule))
      .filter((gap) => gap !== null);
    // With several schedules the loss is at most the gap of the most frequent one.
    const loss = gaps.reduce<Milliseconds | null>(
      (least, gap) => (least === null || gap < least ? gap : least),
      null,
    );
    return { database, loss, objective: objectives.rpo, met: loss !== null && loss <= objectives.rpo };
  });
}

/** The backups that Lifeboat takes but no restore test restores: unproven backups. */
export function untestedBackups({ databases, restoreTests }: Plan): { database: string; backup: string }[] {
  const tested = new Set(Object.values(restoreTests).map(({ from }) => `${from.database}/${from.backup}`));
  return Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups)
      .filter(([backup, planned]) => isTakenByLifeboat(planned) && !tested.has(`${database}/${backup}`))
      .map(([backup]) => ({ database, backup })),
  );
}
