import { wordsOf } from '../aws/service-error.ts';
import type { ListedRecoveryPoint } from '../backup/method.ts';
import {
  isCopiedByRds,
  type MethodName,
  methodNameOf,
  openRecoveryPoints,
  type RecoveryPointStores,
} from '../backup/open-method.ts';
import type { BackupPlace } from '../backup/place.ts';
import { momentOf } from '../backup/rds-point-in-time/moment.ts';
import type { Journal, RecoveryPointRecord } from '../journal/journal.ts';
import type { Plan } from '../plan/schema.ts';
import { isWatched } from '../plan/sections/backups.ts';
import type { Objective } from '../plan/sections/objectives.ts';
import { type Unusual, unusual } from './unusual.ts';

/** One of a backup's recovery points, and how old it is. */
export interface RecoveryPointAge {
  readonly id: string;
  /** Seconds from the moment that the recovery point shows, or a little more. */
  readonly ageSeconds: number;
}

/** A recovery point that a person gave a label. */
export interface LabelledPoint extends RecoveryPointAge {
  readonly label: string;
  /** Whether a restore test verified it. */
  readonly verified: boolean;
}

/** What would be lost if a database failed now and one of its backups had to bring it back. */
export interface LossNow extends BackupPlace {
  readonly method: MethodName;
  /** Complete recovery points. */
  readonly points: number;
  /** Where every moment up to the newest can be restored: the earliest of them. Else null. */
  readonly since: Date | null;
  /** Null where there is nothing to restore from. */
  readonly newest: RecoveryPointAge | null;
  /** The newest one that a restore test verified; null if none of those that are kept was. */
  readonly newestVerified: RecoveryPointAge | null;
  /** Those with a label that are kept, the newest first, as far as the journal and RDS know them. */
  readonly labelled: readonly LabelledPoint[];
  /** The plan's RPO; null where any loss is accepted. */
  readonly targetSeconds: number | null;
  /** Whether the newest recovery point is within the RPO; null where there is no RPO to meet. */
  readonly met: boolean | null;
  /** How the newest recovery point differs from the ones before it. */
  readonly unusual: Unusual;
  /** What would be left if the primary Region failed; null where the plan has RDS copy nothing of this backup. */
  readonly copy: CopyAge | null;
}

/** The newest copy of a backup's recovery points in the standby Region. */
export interface CopyAge {
  readonly region: string;
  /** Null where there is no copy, or where that is not known. */
  readonly newest: RecoveryPointAge | null;
  /** Why the standby Region could not be asked; null where it was. */
  readonly problem: string | null;
}

/** Read of the journal beside the recovery points that are kept: some of those that it knows may have been deleted by hand. */
const DELETED = 100;

/** What the losses of a workload are read from. */
export interface LossPorts extends RecoveryPointStores {
  readonly plan: Plan;
  readonly journal: Pick<Journal, 'recoveryPoints'>;
}

/**
 * Reads what would be lost if a workload failed now: for each backup that Lifeboat sees, the age of its newest recovery point
 * and of its newest verified one. What others take of an RDS instance is measured in the same way.
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
  const watched = Object.entries(plan.databases).flatMap(([database, planned]) =>
    Object.entries(planned.backups).flatMap(([name, backup]) =>
      isWatched(backup, planned) ? [{ of: { database, backup: name }, backup }] : [],
    ),
  );
  return watched.map(async ({ of, backup }) => {
    const method = methodNameOf(backup);
    const copying = isCopiedByRds(backup) ? copyAge(stores, of, plan.regions.standby, now) : null;
    const listed = await openRecoveryPoints(method, of, stores).list(of);
    const known = await journal.recoveryPoints(of, listed.length + DELETED);
    const loss = lossNow(listed, known, plan.objectives, now);
    return { ...of, method, ...loss, unusual: unusual(known), copy: await copying };
  });
}

/** Never rejects: what is in the primary Region is known also where the standby Region does not respond. */
async function copyAge(
  { rdsPoints }: RecoveryPointStores,
  of: BackupPlace,
  region: string,
  now: Date,
): Promise<CopyAge> {
  try {
    const newest = ageOf((await rdsPoints(of, 'standby').list(of)).at(-1), now);
    return { region, newest, problem: null };
  } catch (error) {
    return { region, newest: null, problem: wordsOf(error) };
  }
}

/** Judges the recovery points of one backup, oldest first, by the plan's RPO. */
export function lossNow(
  listed: readonly ListedRecoveryPoint[],
  known: readonly RecoveryPointRecord[],
  { rpo }: Pick<Objective, 'rpo'>,
  now: Date,
): Pick<LossNow, 'points' | 'since' | 'newest' | 'newestVerified' | 'labelled' | 'targetSeconds' | 'met'> {
  const verified = new Set(known.flatMap((each) => (each.verified ? [each.recoveryPoint] : [])));
  const newest = ageOf(listed.at(-1), now);
  const targetSeconds = rpo === null ? null : rpo / 1000;
  return {
    points: listed.length,
    since: listed.at(-1)?.since ?? null,
    newest,
    newestVerified: ageOf(
      listed.findLast(({ id }) => verified.has(id)) ?? momentAmong([...verified], listed.at(-1)),
      now,
    ),
    labelled: labelledAmong(listed, known, now),
    targetSeconds,
    met: targetSeconds === null ? null : newest !== null && newest.ageSeconds <= targetSeconds,
  };
}

function ageOf(point: ListedRecoveryPoint | undefined, now: Date): RecoveryPointAge | null {
  if (!point) return null;
  return { id: point.id, ageSeconds: Math.max(0, (now.getTime() - point.begunAt.getTime()) / 1000) };
}

function labelledAmong(
  listed: readonly ListedRecoveryPoint[],
  known: readonly RecoveryPointRecord[],
  now: Date,
): LabelledPoint[] {
  const noted = new Map(known.map((each) => [each.recoveryPoint, each]));
  const labelled = new Map(listed.map((point) => [point.id, point]));
  for (const { recoveryPoint, label } of known) {
    const moment = label === null ? undefined : momentAmong([recoveryPoint], listed.at(-1));
    if (moment) labelled.set(recoveryPoint, moment);
  }
  return [...labelled.values()]
    .flatMap((point) => {
      const note = noted.get(point.id);
      const label = point.label ?? note?.label ?? null;
      const age = ageOf(point, now);
      return label === null || age === null ? [] : [{ ...age, label, verified: Boolean(note?.verified) }];
    })
    .toSorted((one, other) => one.ageSeconds - other.ageSeconds);
}

/** The newest of these moments that can still be restored. */
function momentAmong(
  ids: readonly string[],
  window: ListedRecoveryPoint | undefined,
): ListedRecoveryPoint | undefined {
  const { since, begunAt } = window ?? {};
  if (!since || !begunAt) return undefined;
  return ids
    .flatMap((id) => {
      const moment = momentOf(id);
      return moment && since <= moment && moment <= begunAt ? [{ id, begunAt: moment }] : [];
    })
    .toSorted((one, other) => one.begunAt.getTime() - other.begunAt.getTime())
    .at(-1);
}
