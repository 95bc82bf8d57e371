import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Connection } from 'local-postgres/start-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { Manifest } from '../../../shared/backup/logical/manifest.ts';
import { type BackupRequest, createTakeBackup } from '../../../shared/backup/logical/take-backup.ts';
import { type DatabaseAccess, readDatabaseAccess } from '../../../shared/database/access.ts';
import { connect } from '../../../shared/database/postgres/connect.ts';
import { beat, prepareHeartbeat } from '../../../shared/database/postgres/heartbeat.ts';
import { postgresEngine as postgres } from '../../../shared/database/postgres/postgres-engine.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import type { ProgressReporter } from '../../../shared/progress/progress.ts';
import { createLoadRecoveryPoint, type Loaded } from '../../../shared/restore/load-recovery-point.ts';
import type { Scratch, ScratchRun } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { createValidateCopy, type ValidationRequest } from '../../../shared/validation/validate-copy.ts';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';
import type { Vault } from '../../../shared/vault/vault.ts';
import { openAccount, type TestAccount } from './account.ts';
import { createVaultBucket, rootS3 } from './vault-bucket.ts';

export let aws: TestAccount;
export let s3: S3Client;
export let vault: Vault;
export let scratchServer: DatabaseAccess;
export let scratch: Scratch;

beforeAll(async () => {
  aws = await openAccount();
  s3 = rootS3(aws);
  vault = s3Vault(s3, await createVaultBucket(s3, 'vault'), 'governance');
  const { endpoint, region, accountId } = aws;
  const secrets = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
  scratchServer = await readDatabaseAccess(secrets, {
    secret: 'mailblast/scratch',
    certificateAuthority: 'mailblast/database-ca',
  });
  secrets.destroy();
  scratch = scratchDatabases(postgres.scratchServers, scratchServer);
});

afterAll(async () => {
  s3?.destroy();
  await aws?.stop();
});

export const silent: ProgressReporter = { report: () => {}, settled: async () => {} };
export const clock = { now: () => new Date() };
export const never = new AbortController().signal;
export const unique = (): string => randomBytes(4).toString('hex');

export function accessOf({ host, port, user, password, database, ssl }: Connection): DatabaseAccess {
  return { host, port, username: user, password, dbname: database, certificateAuthority: ssl.ca };
}

/** Runs statements on a connection as any application opens it: no session setting is fixed. */
export async function run<Row extends pg.QueryResultRow>(
  where: Connection,
  ...statements: string[]
): Promise<Row[]> {
  const client = new pg.Client(where);
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const sql of statements) rows = (await client.query<Row>(sql)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** A new, empty database on the source server, whose owner is not a superuser. */
export async function newDatabase(): Promise<Connection> {
  const name = `app_${unique()}`;
  return aws.source.createDatabase({ name, owner: name });
}

export function backupRequest(database: Connection, difference: Partial<BackupRequest> = {}): BackupRequest {
  return {
    workload: 'mailblast',
    database: database.database,
    backup: 'full',
    runId: `run-${unique()}`,
    runStartedAt: new Date(),
    planVersion: '0123456789ab',
    access: accessOf(database),
    rows: 'binary',
    retention: 86_400_000,
    connections: 3,
    signal: never,
    ...difference,
  };
}

export const takeBackup = (request: BackupRequest, ports: { vault?: Vault } = {}): Promise<Manifest> =>
  createTakeBackup({
    vault,
    snapshots: postgres.snapshots,
    clock,
    progress: silent,
    attempt: unique(),
    ...ports,
  })(request);

/** A restore run whose scratch database expires in an hour. */
export const scratchRun = (runId = `restore-${unique()}`): ScratchRun => ({
  runId,
  workload: 'mailblast',
  expiresAt: new Date(Date.now() + 3_600_000),
});

/** Loads a recovery point as the restore test does, from a vault that a test may have changed. */
export const load = (manifest: Manifest, into: DatabaseAccess, from: Vault = vault): Promise<Loaded> =>
  createLoadRecoveryPoint({ vault: from, restores: postgres.restores, progress: silent })({
    manifest,
    into,
    connections: 3,
    signal: never,
  });

/** Loads a recovery point into its own scratch database and validates it, as the restore test does. */
export async function restore(
  manifest: Manifest,
  look: (scratch: DatabaseAccess) => Promise<void>,
): Promise<void> {
  const run = scratchRun();
  const copy = await scratch.claim(run, manifest.source);
  try {
    await load(manifest, copy);
    await look(copy);
  } finally {
    await scratch.drop(run.runId);
  }
}

export const validate = (
  manifest: Manifest,
  copy: DatabaseAccess,
  plan: ValidationRequest['plan'] = { afterRestore: [], checks: [], freshness: parseDuration('5m') },
) =>
  createValidateCopy({ vault, comparisons: postgres.comparisons, progress: silent })({
    manifest,
    copy,
    plan,
    connections: 2,
    signal: never,
  });

/** As the application's own schedule does. */
export async function heartbeat(database: Connection, at = new Date()): Promise<void> {
  const client = await connect(accessOf(database), 'heartbeat');
  await prepareHeartbeat(client);
  await beat(client, 'mailblast', at);
  await client.end();
}

/**
 * The rows of every table and materialized view, as text, column by column in the order of the columns' names. Shares
 * nothing with the product: no fingerprint, no manifest, no list of tables.
 */
export async function allRows(client: pg.Client): Promise<Map<string, string[]>> {
  await client.query("SET timezone = 'UTC'; SET search_path = pg_catalog; SET extra_float_digits = 3");
  const { rows: tables } = await client.query<{ name: string; columns: string | null; filled: boolean }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relispopulated AS filled,
      (SELECT string_agg(format('%I', attname), ', ' ORDER BY attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`);
  const found = new Map<string, string[]>();
  for (const { name, columns, filled } of tables) {
    if (!filled) {
      found.set(name, ['not filled']);
      continue;
    }
    const { rows } = await client.query<{ line: string }>(
      `SELECT ROW(${columns ?? ''})::text AS line FROM ONLY ${name} ORDER BY 1`,
    );
    found.set(
      name,
      rows.map(({ line }) => line),
    );
  }
  return found;
}

/** Waits for matching sessions in a database, at most as long as the test may take. */
export async function until(database: Connection, condition: string, wanted = true): Promise<void> {
  const watcher = new pg.Client(aws.source.superuser());
  await watcher.connect();
  try {
    const sql = `SELECT FROM pg_stat_activity WHERE datname = '${database.database}' AND ${condition}`;
    while ((await watcher.query(sql)).rows.length > 0 !== wanted);
  } finally {
    await watcher.end();
  }
}
export const untilNot = (database: Connection, condition: string) => until(database, condition, false);
