import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BlockDamaged, openBlocks } from '../backup/logical/block.ts';
import type { Manifest, ManifestTable, StoredContent, TablePart } from '../backup/logical/manifest.ts';
import type { DatabaseAccess } from '../database/access.ts';
import { majorVersion } from '../database/postgres/catalog.ts';
import { type Connections, shareOut, withConnections } from '../database/postgres/connections.ts';
import { quoted, readable } from '../database/postgres/identifier.ts';
import { splitPostData } from '../database/postgres/schema-dump/post-data.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import { ObjectMissing, type Vault } from '../vault/vault.ts';
import { ScratchUnsuitable } from './scratch-database.ts';

const decompress = promisify(zstdDecompress);

/** The recovery point does not hold what its manifest says, or what it holds cannot be loaded: the backup is bad. */
export class RecoveryPointDamaged extends LifeboatError {
  override readonly name = 'RecoveryPointDamaged';
  override readonly kind = 'damaged';
}

export interface LoadRequest {
  readonly manifest: Manifest;
  /** An empty scratch database. */
  readonly scratch: DatabaseAccess;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/**
 * Faster, and safe here alone: after a crash of the scratch server the test is repeated, not recovered.
 */
const LOADING =
  "SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 0";

/**
 * Loads a recovery point into an empty database: pre-data, rows in parallel, sequences, post-data, ANALYZE. Each object
 * is verified against the manifest while it is read, and each table's part is loaded whole or not at all.
 *
 * @throws RecoveryPointDamaged where the recovery point is at fault
 * @throws ScratchUnsuitable where the scratch server is of another major version than the source
 */
export function createLoadRecoveryPoint({ vault, progress }: { vault: Vault; progress: ProgressReporter }) {
  return async function loadRecoveryPoint({
    manifest,
    scratch,
    connections,
    signal,
  }: LoadRequest): Promise<void> {
    await withConnections(scratch, { purpose: 'restore', count: connections, signal }, async (clients) => {
      const [first] = clients;
      await Promise.all(clients.map((client) => client.query(LOADING)));
      await refuseOtherVersion(first, manifest);
      await asDamage('the schema before the rows', runSection(vault, first, manifest.schema.preData));
      await loadRows(vault, progress, clients, manifest, signal);
      await asDamage('the sequences', setSequences(first, manifest));
      await asDamage('the schema after the rows', finish(vault, progress, clients, manifest, signal));
      await first.query('ANALYZE');
    });
  };
}

async function refuseOtherVersion(client: pg.Client, manifest: Manifest): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
  const here = majorVersion(Number(rows[0]?.server_version_num));
  const there = majorVersion(manifest.source.serverVersion);
  if (here !== there)
    throw new ScratchUnsuitable(
      `the recovery point is of PostgreSQL ${there}, the scratch server is ${here}: give the plan a scratch server of version ${there}`,
    );
}

async function runSection(vault: Vault, client: pg.Client, section: StoredContent): Promise<void> {
  await client.query((await readVerified(vault, section)).toString('utf8'));
}

/** Reads a small compressed object whole, verified, and unpacks it. */
export async function readVerified(vault: Vault, content: StoredContent): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await openStored(vault, content)) chunks.push(chunk as Buffer);
  const stored = Buffer.concat(chunks);
  if (createHash('sha256').update(stored).digest('hex') !== content.sha256)
    throw new RecoveryPointDamaged(`"${content.key}" is not the object that was written: its sha256 differs`);
  return decompress(stored);
}

async function openStored(vault: Vault, content: StoredContent) {
  try {
    return await vault.open(content);
  } catch (cause) {
    if (cause instanceof ObjectMissing)
      throw new RecoveryPointDamaged(`"${content.key}" is missing`, { cause });
    throw cause;
  }
}

async function loadRows(
  vault: Vault,
  progress: ProgressReporter,
  clients: Connections,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const tasks = manifest.tables
    .flatMap((table) => table.parts.map((part) => ({ table, part })))
    .sort((a, b) => b.part.rawBytes - a.part.rawBytes);
  let tasksDone = 0;
  let bytes = 0;
  const report = () => progress.report({ doing: 'loading rows', bytes, tasksDone, tasksTotal: tasks.length });
  await shareOut(clients, tasks, signal, async (client, { table, part }) => {
    const onBytes = (passed: number) => {
      bytes += passed;
      report();
    };
    await asDamage(readable(table), loadPart(vault, client, manifest, table, part, onBytes));
    tasksDone += 1;
    report();
  });
}

async function loadPart(
  vault: Vault,
  client: pg.Client,
  manifest: Manifest,
  table: ManifestTable,
  part: TablePart,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const stored = await openStored(vault, part);
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  }
  async function* rows(): AsyncGenerator<Buffer> {
    const place = { recoveryPoint: manifest.recoveryPoint, content: readable(table), part: part.part };
    for await (const raw of openBlocks(hashed(), place)) {
      onBytes(raw.length);
      yield raw;
    }
    // Before COPY is told that it is complete: a wrong object leaves no row behind.
    if (hash.digest('hex') !== part.sha256)
      throw new RecoveryPointDamaged(`"${part.key}" is not the object that was written: its sha256 differs`);
  }
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(
    copyFrom(`COPY ${quoted(table)}${columns ? ` (${columns})` : ''} FROM STDIN (FORMAT ${table.format})`),
  );
  await pipeline(rows(), copy);
  if (copy.rowCount !== part.rows)
    throw new RecoveryPointDamaged(
      `${readable(table)}, part ${part.part}: ${part.rows} rows were stored, ${copy.rowCount} were loaded`,
    );
}

async function setSequences(client: pg.Client, manifest: Manifest): Promise<void> {
  for (const sequence of manifest.sequences)
    await client.query('SELECT pg_catalog.setval($1::pg_catalog.regclass, $2::int8, $3)', [
      quoted(sequence),
      sequence.lastValue,
      sequence.isCalled,
    ]);
}

async function finish(
  vault: Vault,
  progress: ProgressReporter,
  clients: Connections,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const { preamble, independent, ordered } = splitPostData(
    (await readVerified(vault, manifest.schema.postData)).toString('utf8'),
  );
  const bytes = manifest.tables.flatMap((table) => table.parts).reduce((sum, part) => sum + part.rawBytes, 0);
  const tasksTotal = independent.length + ordered.length;
  let tasksDone = 0;
  const run = async (client: pg.Client, sql: string): Promise<void> => {
    await client.query(sql);
    tasksDone += 1;
    progress.report({ doing: 'building indexes and constraints', bytes, tasksDone, tasksTotal });
  };
  await Promise.all(clients.map((client) => client.query(preamble)));
  await shareOut(clients, independent, signal, run);
  for (const sql of ordered) await run(clients[0], sql);
}

/**
 * Classes of SQLSTATE that speak of the server or the connection, not of what was loaded: resources, operator
 * intervention, system errors, connection, authorisation.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const OF_THE_SERVER = new Set(['08', '28', '40', '53', '54', '55', '57', '58', 'F0', 'XX']);
/**
 * feature_not_supported, undefined_file, insufficient_privilege and undefined_object: the scratch server lacks an
 * extension, a right, or what a database takes from its server: a role that a policy names, a collation.
 */
const SERVER_LACKS = new Set(['0A000', '58P01', '42501', '42704']);

/** Decides whose fault a failure is: what the server refuses as content is the backup's, everything else the harness's. */
export function isDamage(error: unknown): boolean {
  if (error instanceof RecoveryPointDamaged || error instanceof BlockDamaged) return true;
  if (!(error instanceof pg.DatabaseError) || !error.code) return false;
  return !OF_THE_SERVER.has(error.code.slice(0, 2)) && !SERVER_LACKS.has(error.code);
}

async function asDamage<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof RecoveryPointDamaged || !isDamage(cause)) throw cause;
    throw new RecoveryPointDamaged(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
