import type { Clock } from '../../clock/clock.ts';
import type { DatabaseAccess } from '../../database/access.ts';
import { countLargeObjects, readSequences, readTraits } from '../../database/postgres/catalog.ts';
import { isHeartbeat, newestHeartbeat } from '../../database/postgres/heartbeat.ts';
import { namingLostConnection } from '../../database/postgres/lost-connection.ts';
import { exportSnapshot, type Snapshot } from '../../database/postgres/snapshot.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { ProgressReporter } from '../../progress/progress.ts';
import type { Vault } from '../../vault/vault.ts';
import type { RowFormat } from './copy-part.ts';
import { copyTables } from './copy-tables.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import {
  idOfManifestKey,
  madeByRun,
  manifestKey,
  manifestPrefix,
  type NewRecoveryPoint,
  recoveryPointId,
} from './recovery-point.ts';
import { storeSchema } from './store-schema.ts';

export interface BackupRequest {
  readonly workload: string;
  readonly database: string;
  readonly backup: string;
  readonly runId: string;
  /** When the run was started: every attempt of a run has the same. */
  readonly runStartedAt: Date;
  readonly planVersion: string;
  readonly access: DatabaseAccess;
  readonly rows: RowFormat;
  /** Milliseconds for which the recovery point is locked and kept. */
  readonly retention: number;
  /** Connections that copy at the same time. */
  readonly connections: number;
  /** Ends the work before the platform would: the error says so instead of a silent kill. */
  readonly signal: AbortSignal;
}

/** The database has no table of the application: an empty backup would pass every check and prove nothing. */
export class NothingToBackUp extends LifeboatError {
  override readonly name = 'NothingToBackUp';
  override readonly kind = 'missing';
}

/** The database holds something that a logical backup would silently lose. */
export class ContentNotSupported extends LifeboatError {
  override readonly name = 'ContentNotSupported';
  override readonly kind = 'unsupported';
}

export interface BackupPorts {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly progress: ProgressReporter;
  /** A short name for this attempt, different from every other attempt's. */
  readonly attempt: string;
}

/**
 * Takes a logical backup: everything is read in one snapshot, rows stream in parallel into the vault, and the manifest
 * is written last. Called again for the same run it returns what an earlier attempt completed.
 *
 * @returns the manifest as it is stored
 * @throws DatabaseUnreachable, TablesUnsteady, NothingToBackUp, ContentNotSupported, BackupInconsistent, SchemaDumpFailed, and the
 * reason of the signal when it fires
 */
export function createTakeBackup({ vault, clock, progress, attempt }: BackupPorts) {
  return async function takeBackup(request: BackupRequest): Promise<Manifest> {
    const earlier = await findOwnEarlier(vault, request);
    if (earlier) return earlier;
    request.signal.throwIfAborted();

    const id = recoveryPointId(request.runStartedAt, request.runId, attempt);
    const snapshot = await exportSnapshot(request.access, { clock, signal: request.signal });
    try {
      const { database, backup } = request;
      const lockedUntil = new Date(snapshot.takenAt.getTime() + request.retention);
      const point: NewRecoveryPoint = { database, backup, id, lockedUntil };
      const copied = await copyEverything({ vault, progress }, request, snapshot, point);
      const manifest: Manifest = {
        format: 'lifeboat-logical-1',
        recoveryPoint: id,
        workload: request.workload,
        database,
        backup,
        runId: request.runId,
        planVersion: request.planVersion,
        snapshotAt: snapshot.takenAt.toISOString(),
        completedAt: clock.now().toISOString(),
        lockedUntil: lockedUntil.toISOString(),
        ...copied,
      };
      await vault.put(manifestKey(point), writeManifest(manifest), {
        contentType: 'application/json',
        lockedUntil,
      });
      await snapshot.release();
      return manifest;
    } catch (error) {
      snapshot.abandon();
      request.signal.throwIfAborted();
      throw namingLostConnection(error, request.access);
    }
  };
}

/** A run that is taken up again has another start time, so every manifest of the backup is looked at, by its run. */
async function findOwnEarlier(vault: Vault, request: BackupRequest): Promise<Manifest | null> {
  for await (const key of vault.list(manifestPrefix(request))) {
    const id = idOfManifestKey(key);
    if (id && madeByRun(id, request.runId)) return readManifest(vault, { ...request, id });
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
  const { client, tables } = snapshot;
  const traits = await readTraits(client);
  const largeObjects = await countLargeObjects(client);
  if (largeObjects > 0)
    throw new ContentNotSupported(
      `the database holds ${largeObjects} large objects, which a backup by tables would lose: move them into bytea columns, or use a snapshot backup`,
    );
  if (tables.every(isHeartbeat))
    throw new NothingToBackUp(
      `database "${request.database}" has no tables of an application: does its secret name the right database?`,
    );
  const heartbeat = await newestHeartbeat(client, request.workload);
  const schemaCopied = storeSchema(ports.vault, request.access, snapshot.name, point, request.signal);
  // Without a listener a failure that comes while rows still stream would end the process.
  schemaCopied.catch(() => {});
  const rows = await copyTables(ports, snapshot, point, {
    tables,
    serverVersion: traits.serverVersion,
    rows: request.rows,
    connections: request.connections,
    signal: request.signal,
  });
  return {
    heartbeatAt: heartbeat?.toISOString() ?? null,
    source: { ...traits, extensions: [...traits.extensions] },
    schema: await schemaCopied,
    tables: rows,
    // Read last: a sequence is outside the snapshot and must not be behind the rows.
    sequences: await readSequences(client),
  };
}
