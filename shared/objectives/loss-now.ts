import type { ListedRecoveryPoint } from '../backup/method.ts';
import {
  type MethodName,
  methodNameOf,
  openRecoveryPoints,
  type RecoveryPointStores,
} from '../backup/open-method.ts';
import type { BackupPlace } from '../backup/place.ts';
import type { Journal, RecoveryPointRecord } from '../journal/journal.ts';
import type { Plan } from '../plan/schema.ts';
import { isTakenByLifeboat } from '../plan/sections/backups.ts';
import type { Objective } from '../plan/sections/objectives.ts';
import { type Unusual, unusual } from './unusual.ts';

/** One of a backup's recovery points, and how old it is. */
export interface RecoveryPointAge {
  readonly id: string;
  /** Seconds from the moment that the recovery point shows, or a little more. */
  readonly ageSeconds: number;
}

/** What would be lost if a database failed now and one of its backups had to bring it back. */
export interface LossNow extends BackupPlace {
  readonly method: MethodName;
  /** Complete recovery points. */
  readonly points: number;
  /** Null where there is nothing to restore from. */
  readonly newest: RecoveryPointAge | null;
  /** The newest one that a restore test verified; null if none of those that are kept was. */
  readonly newestVerified: RecoveryPointAge | null;
  /** The plan's RPO; null where any loss is accepted. */
  readonly targetSeconds: number | null;
  /** Whether the newest recovery point is within the RPO; null where there is no RPO to meet. */
  readonly met: boolean | null;
  /** How the newest recovery point differs from the ones before it. */
  readonly unusual: Unusual;
}

/** Read of the journal beside the recovery points that are kept: some of those that it knows may have been deleted by hand. */
const DELETED = 100;

/** What the losses of a workload are read from. */
export interface LossPorts extends RecoveryPointStores {
  readonly plan: Plan;
  readonly journal: Pick<Journal, 'recoveryPoints'>;
}

/**
 * Reads what would be lost if a workload failed now: for each backup that Lifeboat takes, the age of its newest recovery point
 * and of its newest verified one.
 */
export async function lossesNow(ports: LossPorts, now: Date): Promise<LossNow[]> {
  return Promise.all(lossesOf(ports, now));
}

/**
 * Publishes the loss of each backup. One that cannot be read keeps none of the others from being published, whose alarms would go
 * off for a reason that is not theirs.
 *
 * @throws the error of the first backup that could not be read, once the others are published
 */
export async function publishLosses(
  ports: LossPorts,
  now: Date,
  publish: (loss: LossNow) => void,
): Promise<LossNow[]> {
  const losses = lossesOf(ports, now);
  for (const outcome of await Promise.allSettled(losses))
    if (outcome.status === 'fulfilled') publish(outcome.value);
  return Promise.all(losses);
}

function lossesOf({ plan, journal, ...stores }: LossPorts, now: Date): Promise<LossNow>[] {
  const taken = Object.entries(plan.databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).flatMap(([backup, planned]) =>
      isTakenByLifeboat(planned) ? [{ database, backup, method: methodNameOf(planned) }] : [],
    ),
  );
  return taken.map(async ({ method, ...of }) => {
    const listed = await openRecoveryPoints(method, of.database, stores).list(of);
    const known = await journal.recoveryPoints(of, listed.length + DELETED);
    return { ...of, method, ...lossNow(listed, known, plan.objectives, now), unusual: unusual(known) };
  });
}

/** Judges the recovery points of one backup, oldest first, by the plan's RPO. */
export function lossNow(
  listed: readonly ListedRecoveryPoint[],
  known: readonly RecoveryPointRecord[],
  { rpo }: Pick<Objective, 'rpo'>,
  now: Date,
): Pick<LossNow, 'points' | 'newest' | 'newestVerified' | 'targetSeconds' | 'met'> {
  const aged = (point: ListedRecoveryPoint | undefined): RecoveryPointAge | null =>
    point
      ? { id: point.id, ageSeconds: Math.max(0, (now.getTime() - point.begunAt.getTime()) / 1000) }
      : null;
  const verified = new Set(known.flatMap((each) => (each.verified ? [each.recoveryPoint] : [])));
  const newest = aged(listed.at(-1));
  const targetSeconds = rpo === null ? null : rpo / 1000;
  return {
    points: listed.length,
    newest,
    newestVerified: aged(listed.findLast(({ id }) => verified.has(id))),
    targetSeconds,
    met: targetSeconds === null ? null : newest !== null && newest.ageSeconds <= targetSeconds,
  };
}
