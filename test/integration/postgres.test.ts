import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../local/postgres/start-postgres.ts';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import type { Manifest } from '../../shared/backup/manifest.ts';
import { type BackupRequest, createTakeBackup } from '../../shared/backup/take-backup.ts';
import { type DatabaseAccess, readDatabaseAccess } from '../../shared/database/access.ts';
import { connect } from '../../shared/database/connect.ts';
import { beat, prepareHeartbeat } from '../../shared/database/heartbeat.ts';
import { createScratch, dropScratch } from '../../shared/database/scratch.ts';
import type { ProgressReporter } from '../../shared/journal/progress.ts';
import { createLoadRecoveryPoint } from '../../shared/restore-test/load-recovery-point.ts';
import { createValidateRestore } from '../../shared/restore-test/validate-restore.ts';
import { s3Vault } from '../../shared/storage/s3-vault.ts';
import type { Vault } from '../../shared/storage/vault.ts';
import { NASTY_SCHEMA } from './nasty-schema.ts';
import { createVaultBucket, rootS3 } from './vault-bucket.ts';

let aws: LocalAws;
let s3: S3Client;
let vault: Vault;
let scratchServer: DatabaseAccess;

beforeAll(async () => {
  aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
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
});

afterAll(async () => {
  s3?.destroy();
  await aws?.stop();
});

const silent: ProgressReporter = { report: () => {}, settled: async () => {} };
const clock = { now: () => new Date() };
const never = new AbortController().signal;
const unique = (): string => randomBytes(4).toString('hex');

function accessOf({ host, port, user, password, database, ssl }: Connection): DatabaseAccess {
  return { host, port, username: user, password, dbname: database, certificateAuthority: ssl.ca };
}

/** Runs statements on a connection as any application has it: nothing of its session is pinned. */
async function run<Row extends pg.QueryResultRow>(
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

/** A new, empty database on the source server, whose owner is no superuser. */
async function newDatabase(): Promise<Connection> {
  const name = `app_${unique()}`;
  return aws.source.createDatabase({ name, owner: name });
}

function backupRequest(database: Connection, difference: Partial<BackupRequest> = {}): BackupRequest {
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

const takeBackup = (request: BackupRequest, ports: { vault?: Vault } = {}): Promise<Manifest> =>
  createTakeBackup({ vault, clock, progress: silent, attempt: unique(), ...ports })(request);

/** Loads a recovery point into a scratch database of its own and looks at it, as the restore test does. */
async function restore(manifest: Manifest, look: (scratch: DatabaseAccess) => Promise<void>): Promise<void> {
  const mark = {
    runId: `restore-${unique()}`,
    workload: 'mailblast',
    expiresAt: new Date(Date.now() + 3_600_000),
  };
  const scratch = await createScratch(scratchServer, mark, manifest.source);
  try {
    await createLoadRecoveryPoint({ vault, progress: silent })({
      manifest,
      scratch,
      connections: 3,
      signal: never,
    });
    await look(scratch);
  } finally {
    await dropScratch(scratchServer, mark.runId);
  }
}

const validate = (manifest: Manifest, scratch: DatabaseAccess) =>
  createValidateRestore({ vault, progress: silent })({
    manifest,
    scratch,
    plan: { afterRestore: [], checks: [], freshness: 300_000 },
    connections: 2,
    signal: never,
  });

/** As the application's own schedule does. */
async function heartbeat(database: Connection, at = new Date()): Promise<void> {
  const client = await connect(accessOf(database), 'heartbeat');
  await prepareHeartbeat(client);
  await beat(client, 'mailblast', at);
  await client.end();
}

/**
 * The rows of every table and materialized view, as text, column by column in the order of the columns' names. Shares
 * nothing with the product: no fingerprint, no manifest, no list of tables.
 */
async function allRows(client: pg.Client): Promise<Map<string, string[]>> {
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

describe('a backup of a schema of what is rarely met', () => {
  test('comes back whole', async () => {
    const database = await newDatabase();
    await run(database, NASTY_SCHEMA);
    await heartbeat(database);
    const manifest = await takeBackup(backupRequest(database));
    await restore(manifest, async (scratch) => {
      const source = new pg.Client(database);
      await source.connect();
      const copy = await connect(scratch, 'test');
      const [expected, restored] = [await allRows(source), await allRows(copy)];
      const text = 'SELECT public.looks_like_a_dump() AS text';
      expect((await copy.query(text)).rows).toEqual((await source.query(text)).rows);
      await source.end();
      await copy.end();
      expect([...restored.keys()]).toEqual([...expected.keys()]);
      for (const [table, rows] of expected) expect(restored.get(table), table).toEqual(rows);
      const { checks } = await validate(manifest, scratch);
      expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    });
  });
});
