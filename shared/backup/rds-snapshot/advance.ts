import type { Clock } from '../../clock/clock.ts';
import type { RdsSource } from '../../plan/lookup.ts';
import { orWait } from '../or-wait.ts';
import type { BackupPlace } from '../place.ts';
import { readinessOf } from './instance-state.ts';
import { type OwnRdsSnapshot, rdsSnapshotRecoveryPoint } from './rds-snapshot-recovery-point.ts';
import { SnapshotFailed, SnapshotNameTaken, SnapshotNotCompleted } from './snapshot-errors.ts';
import { isOfBackup, isOfRun, snapshotName, tagsOf, timesOf } from './snapshot-tags.ts';
import type { SnapshotRegions, StoredSnapshot } from './snapshots.ts';

export interface SnapshotPorts {
  readonly regions: SnapshotRegions;
  readonly clock: Clock;
  /** The name of the stack. */
  readonly deployment: string;
  /** What is backed up, for messages. */
  readonly source: RdsSource;
  readonly retentionMs: number;
  /** From the start of the run until its snapshot is given up. */
  readonly longestMs: number;
}

export interface SnapshotRequest extends BackupPlace {
  readonly runId: string;
  readonly runStartedAt: Date;
  /** What a person calls the snapshot. */
  readonly label?: string | null | undefined;
}

/** How far a snapshot is. */
export type Advanced =
  | { readonly kind: 'complete'; readonly point: OwnRdsSnapshot; readonly gibibytes: number }
  | { readonly kind: 'waiting'; readonly waitingFor: string };

/**
 * Takes a run's snapshot one step further and returns at once: asks for it, looks at it, asks for its copy, looks at the copy.
 * Called again until it is complete. An attempt that was killed at any point leaves nothing that the next call does not find.
 *
 * A quota or throttling is something to wait for, and so is an instance that is being modified.
 *
 * @throws InstanceMissing, InstanceStopped, InstanceStorageFull, InstanceUnusable, InstanceUnencrypted, SnapshotKeyUnusable,
 * SnapshotFailed, SnapshotNameTaken, SnapshotNotCompleted
 */
export async function advance(ports: SnapshotPorts, request: SnapshotRequest): Promise<Advanced> {
  const name = snapshotName({ ...request, deployment: ports.deployment }, request.runId);
  const advanced = await orWait(() => advanceSnapshot(ports, request, name));
  const limit = request.runStartedAt.getTime() + ports.longestMs;
  if (advanced.kind === 'waiting' && ports.clock.now().getTime() > limit)
    throw new SnapshotNotCompleted(
      `snapshot "${name}" was not complete after ${ports.longestMs / 3_600_000} hours: ${advanced.waitingFor}`,
      { hint: 'look at it in both Regions: aws rds describe-db-snapshots; delete it if it hangs' },
    );
  return advanced;
}

async function advanceSnapshot(
  { regions: { primary, standby }, clock, deployment, source: of, retentionMs }: SnapshotPorts,
  request: SnapshotRequest,
  name: string,
): Promise<Advanced> {
  const waiting = (waitingFor: string): Advanced => ({ kind: 'waiting', waitingFor });
  const snapshot = await primary.find(name);
  if (snapshot === null) {
    const source = await primary.source();
    const readiness = readinessOf(of, source);
    if (readiness.kind === 'impossible') throw readiness.error;
    if (readiness.kind === 'waiting') return waiting(readiness.because);
    const keptUntil = new Date(clock.now().getTime() + retentionMs);
    const requested = await primary.create(
      name,
      tagsOf({ ...request, deployment, keptUntil, settings: source?.settings ?? null }),
    );
    return waiting(requested.kind === 'begun' ? `${primary.region}: creating` : requested.because);
  }
  const ours = isOfBackup(snapshot, { ...request, deployment }) && isOfRun(snapshot, request.runId);
  if (!ours)
    throw new SnapshotNameTaken(`snapshot "${name}" in ${primary.region} has other tags than this run's`, {
      hint: 'find out who took it or changed its tags; rename or delete it and take the backup again',
    });
  const point = completed(snapshot, request, primary.region);
  if (point === null) return waiting(progressOf(snapshot, primary.region));
  if (standby !== null) {
    const copy = await standby.find(name);
    if (copy === null) {
      const times = timesOf(snapshot.tags);
      const { settings } = point;
      const tags = tagsOf({ ...request, deployment, ...point, ...times, settings });
      const requested = await standby.copy(snapshot, tags);
      return waiting(requested.kind === 'begun' ? `${standby.region}: copying` : requested.because);
    }
    if (completed(copy, request, standby.region) === null) return waiting(progressOf(copy, standby.region));
  }
  return { kind: 'complete', point, gibibytes: snapshot.gibibytes };
}

/** The recovery point of an available snapshot; null while RDS works on it. */
function completed(snapshot: StoredSnapshot, of: BackupPlace, region: string): OwnRdsSnapshot | null {
  const { name, status } = snapshot;
  if (/^(?:creating|copying|pending|modifying|upgrading)/.test(status)) return null;
  if (status !== 'available')
    throw new SnapshotFailed(`snapshot "${name}" in ${region} is ${status}`, {
      hint: 'look at its events (aws rds describe-events --source-type db-snapshot) and take the backup again',
    });
  return rdsSnapshotRecoveryPoint(of, snapshot);
}

function progressOf({ status, percent }: StoredSnapshot, region: string): string {
  return `${region}: ${status}, ${percent} %`;
}
