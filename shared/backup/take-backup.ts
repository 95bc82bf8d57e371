import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import type pg from 'pg';
import type { Clock } from '../clock/clock.ts';
import type { DatabaseAccess } from '../database/access.ts';
import {
  countLargeObjects,
  listTables,
  readSequences,
  readTraits,
  type SourceTable,
} from '../database/catalog.ts';
import { fingerprintTable, type TableFingerprint } from '../database/fingerprint.ts';
import { newestHeartbeat } from '../database/heartbeat.ts';
import { readable } from '../database/identifier.ts';
import { dumpSchema, schemaFingerprint } from '../database/schema-dump/dump-schema.ts';
import type { ProgressReporter } from '../journal/progress.ts';
import type { Vault } from '../storage/vault.ts';
import { copyPart, type RowFormat } from './copy-part.ts';
import {
  type Manifest,
  type ManifestTable,
  readManifest,
  type StoredContent,
  type TablePart,
  writeManifest,
} from './manifest.ts';
import { type CopyPart, divideIntoParts } from './parts.ts';
import {
  contentPrefix,
  idOfManifestKey,
  madeByRun,
  manifestKey,
  manifestPrefix,
  recoveryPointId,
} from './recovery-point.ts';
import { exportSnapshot, type Snapshot } from './snapshot.ts';

const compress = promisify(zstdCompress);

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
export class NothingToBackUp extends Error {
  override readonly name = 'NothingToBackUp';
}

/** The database holds something that a logical backup would silently lose. */
export class ContentNotSupported extends Error {
  override readonly name = 'ContentNotSupported';
}

/** What was copied is not what the snapshot held. */
export class BackupInconsistent extends Error {
  override readonly name = 'BackupInconsistent';
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
 * @throws DatabaseUnreachable, NothingToBackUp, ContentNotSupported, BackupInconsistent, SchemaDumpFailed, and the
 * reason of the signal when it fires
 */
export function createTakeBackup({ vault, clock, progress, attempt }: BackupPorts) {
  return async function takeBackup(request: BackupRequest): Promise<Manifest> {
    const earlier = await findOwnEarlier(vault, request);
    if (earlier) return earlier;
    request.signal.throwIfAborted();

    const id = recoveryPointId(request.runStartedAt, request.runId, attempt);
    // Taken before the snapshot: whatever was committed by then is in it.
    const snapshotAt = clock.now();
    const lockedUntil = new Date(snapshotAt.getTime() + request.retention);
    const snapshot = await exportSnapshot(request.access);
    const stop = () => snapshot.abandon();
    request.signal.addEventListener('abort', stop);
    try {
      const copied = await copyEverything({ vault, progress }, request, snapshot, { id, lockedUntil });
      const manifest: Manifest = {
        format: 'lifeboat-logical-1',
        recoveryPoint: id,
        workload: request.workload,
        database: request.database,
        backup: request.backup,
        runId: request.runId,
        planVersion: request.planVersion,
        snapshotAt: snapshotAt.toISOString(),
        completedAt: clock.now().toISOString(),
        lockedUntil: lockedUntil.toISOString(),
        ...copied,
      };
      await vault.put(manifestKey({ ...request, id }), writeManifest(manifest), {
        contentType: 'application/json',
        lockedUntil,
      });
      await snapshot.release();
      return manifest;
    } catch (error) {
      snapshot.abandon();
      request.signal.throwIfAborted();
      throw error;
    } finally {
      request.signal.removeEventListener('abort', stop);
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
  point: { id: string; lockedUntil: Date },
): Promise<Copied> {
  const { client } = snapshot;
  const traits = await readTraits(client);
  const largeObjects = await countLargeObjects(client);
  if (largeObjects > 0)
    throw new ContentNotSupported(
      `the database holds ${largeObjects} large objects, which a backup by tables would lose: move them into bytea columns, or use a snapshot backup`,
    );
  const tables = await listTables(client);
  if (tables.length === 0)
    throw new NothingToBackUp(`database "${request.database}" has no tables to back up`);
  const heartbeat = await newestHeartbeat(client, request.workload);
  const schemaCopied = storeSchema(ports.vault, request, snapshot.name, point);
  // Without a listener a failure that comes while rows still stream would end the process.
  schemaCopied.catch(() => {});
  const rows = await copyRows(ports, request, snapshot, point, tables, traits.serverVersion);
  return {
    heartbeatAt: heartbeat?.toISOString() ?? null,
    source: { ...traits, extensions: [...traits.extensions] },
    schema: await schemaCopied,
    tables: rows,
    // Read last: a sequence is outside the snapshot and must not be behind the rows.
    sequences: await readSequences(client),
  };
}

async function storeSchema(
  vault: Vault,
  request: BackupRequest,
  snapshot: string,
  point: { id: string; lockedUntil: Date },
): Promise<Manifest['schema']> {
  const schema = await dumpSchema(request.access, snapshot);
  const store = async (section: string, sql: string): Promise<StoredContent> => {
    const body = await compress(sql);
    const stored = await vault.put(
      `${contentPrefix({ ...request, id: point.id })}schema/${section}.sql.zst`,
      body,
      {
        contentType: 'application/zstd',
        lockedUntil: point.lockedUntil,
      },
    );
    return { ...stored, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
  };
  const [preData, postData] = await Promise.all([
    store('pre-data', schema.preData),
    store('post-data', schema.postData),
  ]);
  return { fingerprint: schemaFingerprint(schema), preData, postData };
}

/** Copies and fingerprints every table. Both kinds of work go through one queue, so that no connection is ever idle. */
async function copyRows(
  { vault, progress }: Pick<BackupPorts, 'vault' | 'progress'>,
  request: BackupRequest,
  snapshot: Snapshot,
  point: { id: string; lockedUntil: Date },
  tables: readonly SourceTable[],
  serverVersion: number,
): Promise<ManifestTable[]> {
  const copiedParts = new Map<SourceTable, TablePart[]>(tables.map((table) => [table, []]));
  const fingerprints = new Map<SourceTable, TableFingerprint>();
  const parts = divideIntoParts(tables, serverVersion);
  const tasksTotal = parts.length + tables.length;
  let bytes = 0;
  let tasksDone = 0;
  const report = () => progress.report({ doing: 'copying rows', bytes, tasksDone, tasksTotal });

  const copy = (part: CopyPart) => async (client: pg.Client) => {
    const number = tables.indexOf(part.table);
    const key = `${contentPrefix({ ...request, id: point.id })}rows/${number}/${part.part}.lbk`;
    const copied = await copyPart({
      client,
      vault,
      recoveryPoint: point.id,
      key,
      part,
      format: formatOf(part.table, request.rows, serverVersion),
      lockedUntil: point.lockedUntil,
      onBytes: (passed) => {
        bytes += passed;
        report();
      },
    });
    copiedParts.get(part.table)?.push(copied);
  };
  const fingerprint = (table: SourceTable) => async (client: pg.Client) => {
    fingerprints.set(table, await fingerprintTable(client, table));
  };
  const queue = [
    ...parts.map((part) => ({ bytes: part.bytes, run: copy(part) })),
    ...tables.map((table) => ({ bytes: table.bytes, run: fingerprint(table) })),
  ].sort((a, b) => b.bytes - a.bytes);

  const clients = await Promise.all(
    Array.from({ length: Math.min(request.connections, queue.length) }, () => snapshot.join('backup')),
  );
  await Promise.all(
    clients.map(async (client) => {
      for (let task = queue.shift(); task; task = queue.shift()) {
        request.signal.throwIfAborted();
        await task.run(client);
        tasksDone += 1;
        report();
      }
    }),
  );
  return tables.map((table) => {
    const found = fingerprints.get(table);
    const stored = (copiedParts.get(table) ?? []).sort((a, b) => a.part - b.part);
    const rows = stored.reduce((sum, part) => sum + part.rows, 0);
    if (!found || found.rows !== String(rows))
      throw new BackupInconsistent(
        `${readable(table)}: ${rows} rows copied, ${found?.rows ?? 'none'} in the snapshot`,
      );
    const { schema, name, columns } = table;
    const format = formatOf(table, request.rows, serverVersion);
    return { schema, name, columns: [...columns], format, ...found, parts: stored };
  });
}

/**
 * Binary where the plan asks for it and every type of the table can. Before PostgreSQL 14 arrays of an application's own
 * types were refused on load because their type's number differs, so there rows go as text.
 * https://www.postgresql.org/docs/14/release-14.html
 */
function formatOf(table: SourceTable, wanted: RowFormat, serverVersion: number): RowFormat {
  return wanted === 'binary' && table.binaryCapable && serverVersion >= 140000 ? 'binary' : 'text';
}
