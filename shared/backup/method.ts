import type { Milliseconds } from '../plan/values/duration.ts';
import type { LogicalRecoveryPoint } from './logical/logical-recovery-point.ts';
import type { BackupPlace, RecoveryPointPlace } from './place.ts';
import type { PointInTimeRecoveryPoint } from './rds-point-in-time/point-in-time-recovery-point.ts';
import type { RdsSnapshotRecoveryPoint } from './rds-snapshot/rds-snapshot-recovery-point.ts';

/** A complete recovery point. The method decides which fields locate it. */
export type RecoveryPoint = LogicalRecoveryPoint | RdsSnapshotRecoveryPoint | PointInTimeRecoveryPoint;

/** One entry of a list of recovery points. */
export interface ListedRecoveryPoint {
  readonly id: string;
  /** Never later than the moment that the recovery point shows. */
  readonly begunAt: Date;
  /** Where the entry stands for every moment up to `begunAt`: the earliest of them. */
  readonly since?: Date;
  /** Its label; null if it has none. Absent where only the recovery point itself tells, or the journal. */
  readonly label?: string | null;
}

/** What tells whether a recovery point must still be there. */
export interface KeptAsOf {
  readonly now: Date;
  /** How long the plan keeps a recovery point now. The store expires older ones, locked or not. */
  readonly retention: Milliseconds;
}

/** A recovery point whose manifest cannot be trusted, or cannot be seen. */
export interface HiddenRecoveryPoint {
  readonly id: string;
  /** Of its manifest. */
  readonly key: string;
}

/** Takes a recovery point. */
export interface Taking<Point extends RecoveryPoint = RecoveryPoint> {
  /** Takes a recovery point, once for each run: called again for the same run it returns what an earlier attempt completed. */
  take(request: TakeRequest): Promise<Point>;
}

export interface TakeRequest extends BackupPlace {
  readonly runId: string;
  /** The same for every attempt of a run. */
  readonly runStartedAt: Date;
  /** What a person calls it. */
  readonly label?: string | null | undefined;
  /** Ends the work before the platform would. Its reason is thrown. */
  readonly signal: AbortSignal;
}

/** Proves that a recovery point is stored as the plan demands. */
export interface Proving {
  /**
   * Asks the store about every object of a recovery point: present, complete, encrypted, kept. Changes nothing.
   *
   * @throws StoredBackupUnproven naming the first objects at fault; ManifestDamaged, SnapshotMissing or MomentMissing, as `find`
   */
  prove(place: RecoveryPointPlace): Promise<Proof>;
}

export interface Proof {
  readonly objects: number;
  /** ISO 8601. Lifeboat deletes no object before. */
  readonly keptUntil: string;
  /** ISO 8601. Nobody can delete an object before; null where the store locks nothing. */
  readonly lockedUntil: string | null;
  /** What the recovery point holds, in one sentence. */
  readonly summary: string;
}

/** Reads which recovery points there are. */
export interface RecoveryPoints<Point extends RecoveryPoint = RecoveryPoint> {
  /** Lists the complete recovery points of a backup, oldest first; none if nothing was ever taken. */
  list(of: BackupPlace): Promise<ListedRecoveryPoint[]>;
  /**
   * The manifests that a delete marker or a later version hides although their lock still holds and the plan still keeps them: a
   * person or a program deleted them or wrote over them, or an earlier and shorter retention let them expire.
   */
  hidden(of: BackupPlace, asOf: KeptAsOf): Promise<HiddenRecoveryPoint[]>;
  /**
   * Reads and verifies one recovery point.
   *
   * @throws ManifestDamaged if it is missing, altered or not the one asked for; SnapshotMissing where it is a snapshot, MomentMissing where it is a moment
   */
  find(place: RecoveryPointPlace): Promise<Point>;
}

/** Deletes recovery points that are past their retention. */
export interface Pruning {
  /**
   * Deletes expired recovery points, if this method deletes anything by itself. Only those that are older than the newest verified
   * one, which stays, and nothing while none is verified.
   *
   * @param options.newestVerified the id of the newest one that a restore test verified; null if there is
   * none
   */
  prune(of: BackupPlace, options: { now: Date; newestVerified: string | null }): Promise<Pruned>;
}

export interface Pruned {
  /** Ids of those that may be deleted, oldest first. */
  readonly deletable: readonly string[];
  /** Ids of those deleted now: all of them, or none if the store itself expires its objects. */
  readonly deleted: readonly string[];
}

/** One way to back up a database. A function asks for the one part that it needs. */
export interface BackupMethod<Point extends RecoveryPoint = RecoveryPoint>
  extends Taking<Point>,
    Proving,
    RecoveryPoints<Point>,
    Pruning {
  readonly method: Point['method'];
}
