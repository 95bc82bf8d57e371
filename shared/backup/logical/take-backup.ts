import pLimit from 'p-limit';
import type { Clock } from '../../clock/clock.ts';
import type { DatabaseAccess } from '../../database/access.ts';
import type { Snapshot, Snapshots } from '../../database/engine.ts';
import { isHeartbeat, type RowFormat } from '../../database/table.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { DAY } from '../../plan/values/duration.ts';
import type { ProgressReporter } from '../../progress/progress.ts';
import { ObjectExists, type Vault } from '../../vault/vault.ts';
import type { TakeRequest, Taking } from '../method.ts';
import { copyTables } from './copy-tables.ts';
import { type LogicalRecoveryPoint, logicalRecoveryPoint } from './logical-recovery-point.ts';
import { contentOf, MANIFEST_FORMAT, type Manifest, readManifestOfRun, writeManifest } from './manifest.ts';
import {
  manifestKey,
  manifestKeyOfRun,
  type NewRecoveryPoint,
  recoveryPointId,
} from './recovery-point-id.ts';
import { storeSchema } from './store-schema.ts';

export interface BackupRequest extends TakeRequest {
  readonly workload: string;
  readonly planVersion: string;
  readonly access: DatabaseAccess;
  readonly rows: RowFormat;
  /** Milliseconds for which the recovery point is locked and kept. */
  readonly retention: number;
  /** Connections that copy at the same time. */
  readonly connections: number;
}

/** The database has no table of an application. An empty backup would pass every check and prove nothing. */
export class NothingToBackUp extends LifeboatError {
  override readonly name = 'NothingToBackUp';
  override readonly kind = 'missing';
}

/**
 * How long objects are locked before their manifest is written. An attempt and its retries end within hours. Objects of attempts
 * that failed can be deleted after that, instead of costing money for the whole retention.
 */
const FIRST_LOCK = 2 * DAY;

/** Requests at once: enough to hide their latency, few enough to stay below S3's rate for a prefix. */
const KEPT_AT_ONCE = 16;

export interface BackupPorts {
  readonly vault: Vault;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly progress: ProgressReporter;
  /** A short name for this attempt, different from every other attempt's. */
  readonly attempt: string;
}

/**
 * Takes a logical backup: everything is read in one snapshot, rows stream into the vault in parallel, and the manifest is
 * written last. Called again for the same run, also at the same time, it returns what the first attempt completed.
 *
 * @returns the manifest as it is stored
 * @throws DatabaseUnreachable, TablesUnsteady, NothingToBackUp, BackupInconsistent, PgDumpFailed, and the
 * reason of the signal when it fires
 */
export function createTakeBackup({ vault, snapshots, clock, progress, attempt }: BackupPorts) {
  return async function takeBackup(request: BackupRequest): Promise<Manifest> {
    const earlier = await findOwnEarlier(vault, request);
    if (earlier) return earlier;
    request.signal.throwIfAborted();

    const id = recoveryPointId(request.runStartedAt, request.runId, attempt);
    const snapshot = await snapshots.open(request.access, { clock, signal: request.signal });
    try {
      const { database, backup } = request;
      const lockedUntil = new Date(snapshot.takenAt.getTime() + request.retention);
      const firstLock = Math.min(request.retention, FIRST_LOCK);
      const firstLockedUntil = new Date(snapshot.takenAt.getTime() + firstLock);
      const point: NewRecoveryPoint = { database, backup, id, firstLockedUntil };
      const copied = await copyEverything({ vault, progress }, request, snapshot, point);
      const manifest: Manifest = {
        format: MANIFEST_FORMAT,
        recoveryPoint: id,
        workload: request.workload,
        database,
        backup,
        runId: request.runId,
        planVersion: request.planVersion,
        label: request.label ?? null,
        snapshotAt: snapshot.takenAt.toISOString(),
        completedAt: clock.now().toISOString(),
        lockedUntil: lockedUntil.toISOString(),
        ...copied,
      };
      const first = await firstOfRun(vault, manifest);
      await complete(vault, first);
      await snapshot.release();
      return first;
    } catch (error) {
      snapshot.abandon();
      request.signal.throwIfAborted();
      throw error;
    }
  };
}

/**
 * Decides which attempt's manifest is the run's. Two may be at work: a function goes on where its execution was stopped, and the
 * run was started again. Both copied everything, and one of them writes first.
 */
async function firstOfRun(vault: Vault, manifest: Manifest): Promise<Manifest> {
  const key = manifestKeyOfRun(manifest, manifest.runId);
  try {
    await vault.put(key, writeManifest(manifest), {
      contentType: 'application/json',
      lockedUntil: new Date(manifest.lockedUntil),
    });
    return manifest;
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
    return readManifestOfRun(vault, manifest, manifest.runId);
  }
}

/** Makes a recovery point of a run's manifest. Any attempt may do it, and do it again. */
async function complete(vault: Vault, manifest: Manifest): Promise<void> {
  const lockedUntil = new Date(manifest.lockedUntil);
  // Before the manifest: it promises that everything it names is locked as long as itself.
  await keepEverything(vault, manifest, lockedUntil);
  const key = manifestKey({ ...manifest, id: manifest.recoveryPoint });
  try {
    await vault.put(key, writeManifest(manifest), { contentType: 'application/json', lockedUntil });
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
  }
}

async function keepEverything(vault: Vault, manifest: Manifest, lockedUntil: Date): Promise<void> {
  await pLimit(KEPT_AT_ONCE).map(contentOf(manifest), (object) => vault.keep(object, lockedUntil));
}

/** What a backup copies and how long it is kept: the part of a request that is the same for every run. */
export type BackupSettings = Omit<BackupRequest, keyof TakeRequest>;

/** Takes recovery points of one backup of the plan. */
export function logicalTaking(
  ports: BackupPorts & { readonly settings: BackupSettings },
): Taking<LogicalRecoveryPoint> {
  const takeBackup = createTakeBackup(ports);
  return {
    take: async (request) => logicalRecoveryPoint(await takeBackup({ ...ports.settings, ...request })),
  };
}

/**
 * The manifest that an earlier attempt of the run wrote; completed, if the attempt was killed in between. Listed, because a run that is
 * started again has another start time, and because S3 answers "denied" for a key that is not there.
 */
async function findOwnEarlier(vault: Vault, request: BackupRequest): Promise<Manifest | null> {
  const key = manifestKeyOfRun(request, request.runId);
  for await (const found of vault.list(key)) {
    if (found !== key) continue;
    const manifest = await readManifestOfRun(vault, request, request.runId);
    await complete(vault, manifest);
    return manifest;
  }
  return null;
}

type Copied = Pick<Manifest, 'heartbeatAt' | 'source' | 'schema' | 'tables' | 'sequences'>;

async function copyEverything(
  ports: Pick<BackupPorts, 'vault' | 'progress'>,
  request: BackupRequest,
  snapshot: Snapshot,
  point: NewRecoveryPoint,
): Promise<Copied> {
  if (snapshot.tables.every(isHeartbeat))
    throw new NothingToBackUp(
      `database "${request.database}" has no tables of an application: does its secret name the right database?`,
    );
  const heartbeat = await snapshot.newestHeartbeat(request.workload);
  const schemaCopied = storeSchema(ports.vault, snapshot, point);
  // Without a listener a failure while rows still stream would end the process.
  schemaCopied.catch(() => {});
  const tables = await copyTables(ports, snapshot, point, request);
  return {
    heartbeatAt: heartbeat?.toISOString() ?? null,
    source: { ...snapshot.traits, extensions: [...snapshot.traits.extensions] },
    schema: await schemaCopied,
    tables,
    // Read last: a sequence is outside the snapshot and must not be behind the rows.
    sequences: await snapshot.sequences(),
  };
}
