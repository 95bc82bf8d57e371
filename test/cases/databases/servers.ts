import { randomBytes } from 'node:crypto';
import { createAuthority } from 'certificate-authority';
import type { Connection, PostgresAccess } from 'local-postgres/access';
import { type Major, postgresBinaries, releaseBinaries } from 'local-postgres/binaries';
import { type PostgresServer, startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { startRun } from '../../../local/runs.ts';
import type { Manifest } from '../../../shared/backup/logical/manifest.ts';
import { RecoveryPointDamaged } from '../../../shared/backup/logical/read-stored.ts';
import { createTakeBackup } from '../../../shared/backup/logical/take-backup.ts';
import type { DatabaseAccess } from '../../../shared/database/access.ts';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import type { RestoreTest } from '../../../shared/plan/sections/restore-tests.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import type { ProgressReporter } from '../../../shared/progress/progress.ts';
import { createLoadRecoveryPoint } from '../../../shared/restore/load-recovery-point.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { createValidateCopy } from '../../../shared/validation/validate-copy.ts';
import { type CheckResult, decideVerdict, type Verdict } from '../../../shared/validation/verdict.ts';
import type { Vault } from '../../../shared/vault/vault.ts';
import { memoryVault } from '../../unit/vault/memory-vault.ts';

const CONNECTIONS = 3;
const clock = { now: () => new Date() };
const progress: ProgressReporter = { report: () => {}, settled: async () => {} };
const never = new AbortController().signal;
const unique = (): string => randomBytes(4).toString('hex');

/** What came out of a backup and a restore test. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Every check that did not pass. */
  readonly failed: readonly CheckResult[];
  /** Names of what the test says nothing of. */
  readonly leftOut: readonly string[];
  readonly manifest: Manifest;
  /** What the load did in another way than planned. */
  readonly notices: readonly string[];
  /** What ended the restore test before its checks; null if nothing did. */
  readonly error: unknown;
}

export interface BackUpAndRestore {
  /** Statements that the database's owner runs, each on its own. */
  readonly statements?: readonly string[];
  /** A database that exists, in place of a new one. */
  readonly source?: Connection;
  /** The login of the scratch server, in place of `scratchLogin`. */
  readonly into?: Connection;
  /** Looks at the copy before it is dropped, as the scratch role. Not called if the load failed. */
  readonly look?: (copy: Connection, source: Connection) => Promise<void>;
  /** The same after the validation: it may change the copy. */
  readonly use?: (copy: Connection) => Promise<void>;
  readonly rows?: 'binary' | 'text';
  /** Tables and schemas; everything by default. */
  readonly only?: readonly string[];
  readonly afterRestore?: readonly string[];
  /** Checks of the plan; none by default. */
  readonly checks?: RestoreTest['checks'];
  /** When the heartbeat was written; now by default. */
  readonly heartbeatAt?: Date;
  /** Writes the heartbeat elsewhere than on the source. */
  readonly beat?: () => Promise<void>;
}

/** A source and a scratch server of one major version. */
export interface Servers {
  readonly source: PostgresServer;
  readonly scratch: PostgresServer;
  /** The login that restore tests use: no superuser, may create databases. */
  readonly scratchLogin: Connection;
  /** A new, empty database on the source, whose owner is no superuser. */
  newDatabase(): Promise<Connection>;
  /** A backup, a load into a scratch database and its validation, as the functions do it, with a vault in memory. */
  backUpAndRestore(wanted: BackUpAndRestore): Promise<Outcome>;
  takeBackup(source: Connection): Promise<Manifest>;
  /** Where the backups are. */
  readonly vault: Vault;
}

/** Starts both servers before the tests of a file and stops them after. Read what it returns inside a test. */
export function useServers(
  majors: {
    source?: Major;
    scratch?: Major /** The newest minor version, with all of contrib. */;
    whole?: boolean;
  } = {},
): Servers {
  const started = {} as { -readonly [Name in keyof Servers]: Servers[Name] };
  let stop = async () => {};
  beforeAll(async () => {
    const run = await startRun();
    stop = () => run.stop();
    const ca = await createAuthority('field cases');
    const start = async (name: string, major: Major = 18) =>
      startPostgres(run, {
        name,
        binaries: await (majors.whole ? releaseBinaries : postgresBinaries)(run.folder, major),
        ca,
      });
    const [source, scratch] = await Promise.all([
      start('source', majors.source),
      start('scratch', majors.scratch),
    ]);
    const scratchLogin = await scratch.createRole({ name: 'restore_tests', createDatabases: true });
    Object.assign(started, { source, scratch, scratchLogin, ...restoreTests(source, scratchLogin) });
  }, 120_000);
  afterAll(() => stop());
  return started;
}

function restoreTests(
  source: PostgresAccess,
  scratchLogin: Connection,
): Pick<Servers, 'newDatabase' | 'backUpAndRestore' | 'takeBackup' | 'vault'> {
  const vault = memoryVault();
  const newDatabase = () => {
    const name = `app_${unique()}`;
    return source.createDatabase({ name, owner: name });
  };

  async function takeBackup(database: Connection, rows: 'binary' | 'text' = 'binary'): Promise<Manifest> {
    const take = createTakeBackup({
      vault,
      snapshots: postgresEngine.snapshots,
      clock,
      progress,
      attempt: unique(),
    });
    return take({
      workload: 'field',
      database: database.database,
      backup: 'full',
      runId: `run-${unique()}`,
      runStartedAt: new Date(),
      planVersion: '0123456789ab',
      access: accessOf(database),
      rows,
      retention: 86_400_000,
      connections: CONNECTIONS,
      signal: never,
    });
  }

  async function backUpAndRestore(wanted: BackUpAndRestore): Promise<Outcome> {
    const database = wanted.source ?? (await newDatabase());
    await runEach(database, wanted.statements ?? []);
    const { heartbeats, restores, scratchServers, comparisons } = postgresEngine;
    const beat = () => heartbeats.beat(accessOf(database), 'field', wanted.heartbeatAt ?? new Date());
    await (wanted.beat ?? beat)();
    const manifest = await takeBackup(database, wanted.rows);
    let notices: readonly string[] = [];

    const login = wanted.into ?? scratchLogin;
    const scratch = scratchDatabases(scratchServers, accessOf(login));
    const runId = `restore-${unique()}`;
    const owner = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000) };
    const options = { connections: CONNECTIONS, signal: never };
    try {
      const copy = await scratch.claim(owner, manifest.source);
      const load = createLoadRecoveryPoint({ vault, restores, progress });
      ({ notices } = await load({ manifest, only: wanted.only, into: copy, ...options }));
      const asOwner = { ...login, user: copy.username, password: copy.password, database: copy.dbname };
      await wanted.look?.(asOwner, database);
      const { checks } = await createValidateCopy({ vault, comparisons, progress })({
        manifest,
        only: wanted.only,
        copy: await scratch.open(runId, manifest.source),
        plan: {
          afterRestore: [...(wanted.afterRestore ?? [])],
          checks: wanted.checks ?? [],
          freshness: parseDuration('5m'),
        },
        ...options,
      });
      await wanted.use?.({ ...asOwner, password: (await scratch.open(runId, manifest.source)).password });
      const failed = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-run');
      const leftOut = checks.filter(({ outcome }) => outcome === 'left-out').map(({ name }) => name);
      return { ...decideVerdict(checks), failed, leftOut, manifest, notices, error: null };
    } catch (error) {
      const verdict = error instanceof RecoveryPointDamaged ? 'rejected' : 'not-proven';
      return { verdict, reason: String(error), failed: [], leftOut: [], manifest, notices, error };
    } finally {
      await scratch.drop(runId);
    }
  }

  return { newDatabase, backUpAndRestore, takeBackup, vault };
}

/** Runs statements one after the other, as any application does: no session setting is fixed. */
export async function runEach<Row extends pg.QueryResultRow>(
  where: Connection,
  statements: readonly string[],
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

export function accessOf({ host, port, user, password, database, ssl }: Connection): DatabaseAccess {
  return { host, port, username: user, password, dbname: database, certificateAuthority: ssl.ca };
}
