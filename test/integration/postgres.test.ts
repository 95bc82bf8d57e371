import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../local/postgres/start-postgres.ts';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import type { Manifest } from '../../shared/backup/manifest.ts';
import { exportSnapshot } from '../../shared/backup/snapshot.ts';
import { type BackupRequest, createTakeBackup } from '../../shared/backup/take-backup.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { type DatabaseAccess, readDatabaseAccess } from '../../shared/database/access.ts';
import { listTables, readTraits } from '../../shared/database/catalog.ts';
import { connect } from '../../shared/database/connect.ts';
import {
  addFingerprints,
  fingerprintTable,
  type TableFingerprint,
} from '../../shared/database/fingerprint.ts';
import { beat, prepareHeartbeat } from '../../shared/database/heartbeat.ts';
import { createScratch, dropScratch, scratchName, sweepScratch } from '../../shared/database/scratch.ts';
import type { ProgressReporter } from '../../shared/journal/progress.ts';
import { createLoadRecoveryPoint, isDamage } from '../../shared/restore-test/load-recovery-point.ts';
import { createValidateRestore, type Validation } from '../../shared/restore-test/validate-restore.ts';
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

/** Waits for sessions in a database that are like that; no longer than the test may take. */
async function until(database: Connection, condition: string, wanted = true): Promise<void> {
  const watcher = new pg.Client(aws.source.superuser());
  await watcher.connect();
  try {
    const sql = `SELECT FROM pg_stat_activity WHERE datname = '${database.database}' AND ${condition}`;
    while ((await watcher.query(sql)).rows.length > 0 !== wanted);
  } finally {
    await watcher.end();
  }
}
const untilNot = (database: Connection, condition: string) => until(database, condition, false);

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

describe('a fingerprint', () => {
  let database: Connection;
  let client: pg.Client;

  beforeAll(async () => {
    database = await newDatabase();
    client = await connect(accessOf(database), 'test');
  });
  afterAll(() => client?.end());

  const of = (name: string) => fingerprintTable(client, { schema: 'public', name });

  test('is the same whatever the order, the updates and the columns that rows went through', async () => {
    const columns = 'id int, name text, at timestamptz, score numeric, extra jsonb';
    const rows = `SELECT i, md5(i::text), '2026-10-05'::timestamptz + i * '1 s'::interval, i / 7.0, '{"n":1}'::jsonb FROM generate_series(1, 500) i`;
    await run(
      database,
      `CREATE TABLE one (${columns}); INSERT INTO one ${rows};`,
      `CREATE TABLE two (dropped text, ${columns}); INSERT INTO two SELECT 'x', r.* FROM (${rows} ORDER BY i DESC) r;`,
      'ALTER TABLE two DROP COLUMN dropped',
      "UPDATE two SET name = name || 'x' WHERE id % 3 = 0",
      "UPDATE two SET name = rtrim(name, 'x') WHERE id % 3 = 0",
      `DELETE FROM two WHERE id > 490; INSERT INTO two SELECT * FROM one WHERE id > 490`,
      'VACUUM FULL two',
    );
    expect(await of('two')).toEqual(await of('one'));
    expect(await of('one')).toMatchObject({ rows: '500', content: expect.stringMatching(/^-?\d{15,}$/) });
  });

  test('of an empty table is zero, and of a table without columns its count', async () => {
    await run(
      database,
      'CREATE TABLE nobody (); CREATE TABLE somebody (); INSERT INTO somebody DEFAULT VALUES',
    );
    expect(await of('nobody')).toEqual({ rows: '0', content: '0' });
    expect((await of('somebody')).rows).toBe('1');
  });

  test('of ranges of a table adds up to its own, wherever they are cut', async () => {
    await run(
      database,
      "CREATE TABLE ranged AS SELECT i AS id, repeat('x', i % 900) AS filling FROM generate_series(1, 2000) i",
      'DELETE FROM ranged WHERE id % 7 = 0',
      "UPDATE ranged SET filling = 'moved to the end' WHERE id % 5 = 0",
    );
    const [{ pages } = { pages: 0 }] = await run<{ pages: number }>(
      database,
      "SELECT (pg_relation_size('ranged') / 8192)::int AS pages",
    );
    expect(pages).toBeGreaterThan(100);
    const whole = await of('ranged');
    for (const step of [1, 7, 50, pages]) {
      const parts: TableFingerprint[] = [];
      for (let fromPage = 0; fromPage < pages; fromPage += step) {
        const toPage = fromPage + step < pages ? fromPage + step : null;
        parts.push(
          await fingerprintTable(client, { schema: 'public', name: 'ranged' }, { fromPage, toPage }),
        );
      }
      expect(addFingerprints(parts), `ranges of ${step} pages`).toEqual(whole);
    }
  });

  test('takes the rows of the table alone, not of its children', async () => {
    await run(
      database,
      'CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent)',
      'INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)',
    );
    expect((await of('parent')).rows).toBe('1');
  });

  test('is the same for every server that has other defaults', async () => {
    await run(
      database,
      `CREATE TABLE shown (at timestamptz, d date, iv interval, f float8, b bytea, m money, x xml, n float4);
       INSERT INTO shown VALUES ('2026-10-05 02:00:00.123456+00', '2026-02-03', '-1 mon 2 days 03:04:05.6', 0.1::float8 + 0.2, '\\xdeadbeef', '-1234.5', '<a/>', 1.1)`,
    );
    const before = await of('shown');
    const settings = [
      "timezone = 'Australia/Eucla'",
      "datestyle = 'German, DMY'",
      "intervalstyle = 'sql_standard'",
      'extra_float_digits = -15',
      "bytea_output = 'escape'",
      "xmlbinary = 'hex'",
      "client_encoding = 'LATIN1'",
      "search_path = 'public'",
      'quote_all_identifiers = on',
    ];
    for (const setting of settings) {
      await run(database, `ALTER DATABASE "${database.database}" SET ${setting}`);
      await run(database, `ALTER ROLE "${database.user}" SET ${setting}`);
    }
    const other = await connect(accessOf(database), 'test');
    try {
      expect(await fingerprintTable(other, { schema: 'public', name: 'shown' })).toEqual(before);
    } finally {
      await other.end();
      await run(
        database,
        `ALTER DATABASE "${database.database}" RESET ALL; ALTER ROLE "${database.user}" RESET ALL`,
      );
    }
  });

  describe('shows', () => {
    beforeAll(() =>
      run(
        database,
        `CREATE TABLE rows (id int, a text, b text, f float8, n numeric, j jsonb, jt json, y bytea, arr int[], tarr text[],
           at timestamptz, iv interval, d date, ok boolean, c char(5), bits varbit);
         INSERT INTO rows SELECT i, 'a' || i, 'b' || i, 0, 1.0, '{"k":[1,2]}', '{"k":1}', '\\x0001', '{1,2,3}', '{a,NULL}',
           '2026-10-05 02:00:00+00', '1 day', '2026-10-05', true, 'x', B'01' FROM generate_series(1, 20) i;
         INSERT INTO rows (id, a) VALUES (21, ''), (21, '');`,
      ),
    );

    test.each([
      ['a changed value', "UPDATE rows SET a = 'a7x' WHERE id = 7"],
      ['another case', "UPDATE rows SET a = 'A7' WHERE id = 7"],
      ['a trailing space', "UPDATE rows SET a = 'a7 ' WHERE id = 7"],
      [
        'another form of the same letter',
        "UPDATE rows SET a = U&'e\\0301' WHERE id = 7",
        "UPDATE rows SET a = U&'\\00e9' WHERE id = 7",
      ],
      ['values swapped between two columns', 'UPDATE rows SET a = b, b = a WHERE id = 7'],
      ['values swapped between two columns of all rows', 'UPDATE rows SET a = b, b = a'],
      [
        'values swapped between two rows',
        "UPDATE rows SET a = CASE id WHEN 7 THEN 'a8' ELSE 'a7' END WHERE id IN (7, 8)",
      ],
      [
        'a border that moved between two columns',
        "UPDATE rows SET a = 'a,7b', b = '7' WHERE id = 7",
        "UPDATE rows SET a = 'a', b = '7b,7' WHERE id = 7",
      ],
      [
        'a quote that moved',
        `UPDATE rows SET a = 'x","y' WHERE id = 7`,
        `UPDATE rows SET a = 'x', b = 'y' WHERE id = 7`,
      ],
      [
        'one row twice instead of another',
        'DELETE FROM rows WHERE id = 7; INSERT INTO rows SELECT * FROM rows WHERE id = 8',
      ],
      ['two equal rows that went', 'DELETE FROM rows WHERE id = 21'],
      ['a row that went', 'DELETE FROM rows WHERE id = 7'],
      ['a row that came', 'INSERT INTO rows SELECT * FROM rows WHERE id = 7'],
      ['an empty text instead of none', "UPDATE rows SET b = '' WHERE id = 21"],
      ['none instead of an empty text', 'UPDATE rows SET a = NULL WHERE id = 21'],
      ['the word NULL instead of none', "UPDATE rows SET b = 'NULL' WHERE id = 21"],
      ['a negative zero', "UPDATE rows SET f = '-0' WHERE id = 7"],
      ['no number', "UPDATE rows SET f = 'NaN' WHERE id = 7"],
      [
        'the last bit of a float',
        'UPDATE rows SET f = 0.1::float8 + 0.2 WHERE id = 7',
        'UPDATE rows SET f = 0.3 WHERE id = 7',
      ],
      ['a zero behind the point', 'UPDATE rows SET n = 1.00 WHERE id = 7'],
      ['a value inside of jsonb', `UPDATE rows SET j = '{"k":[2,1]}' WHERE id = 7`],
      ['a number of jsonb as text', `UPDATE rows SET j = '{"k":[1,"2"]}' WHERE id = 7`],
      ['a space inside of json', `UPDATE rows SET jt = '{"k": 1}' WHERE id = 7`],
      ['a bit of bytea', "UPDATE rows SET y = '\\x0003' WHERE id = 7"],
      ['a zero byte more', "UPDATE rows SET y = '\\x000100' WHERE id = 7"],
      ['the order in an array', "UPDATE rows SET arr = '{1,3,2}' WHERE id = 7"],
      ['the lower bound of an array', "UPDATE rows SET arr = '[0:2]={1,2,3}' WHERE id = 7"],
      ['the word NULL in an array', `UPDATE rows SET tarr = '{a,"NULL"}' WHERE id = 7`],
      ['a microsecond', "UPDATE rows SET at = at + '1 us'::interval WHERE id = 7"],
      ['24 hours instead of a day', "UPDATE rows SET iv = '24:00' WHERE id = 7"],
      ['a day', 'UPDATE rows SET d = d + 1 WHERE id = 7'],
      ['false', 'UPDATE rows SET ok = false WHERE id = 7'],
      ['a bit of a bit string', "UPDATE rows SET bits = B'00' WHERE id = 7"],
    ])('%s', async (_, mutation, instead = '') => {
      // Some differences lie between two changes, not between a change and the table as it was.
      const fingerprintAfter = async (sql: string) => {
        await client.query(`SET search_path = public; BEGIN; ${sql}`);
        try {
          return await of('rows');
        } finally {
          await client.query("ROLLBACK; SET search_path = ''");
        }
      };
      expect(await fingerprintAfter(mutation)).not.toEqual(await fingerprintAfter(instead));
    });
  });
});

describe('a session', () => {
  test('outlives every timeout that its role was given', async () => {
    const database = await newDatabase();
    const timeouts = [
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'idle_session_timeout',
      'transaction_timeout',
    ];
    for (const timeout of timeouts)
      await run(database, `ALTER ROLE "${database.user}" SET ${timeout} = '900s'`);
    const client = await connect(accessOf(database), 'test');
    const { rows } = await client.query('SELECT name, setting FROM pg_settings WHERE name = ANY ($1)', [
      timeouts,
    ]);
    await client.end();
    expect(rows).toHaveLength(5);
    for (const { name, setting } of rows) expect(setting, name).toBe('0');
  });

  test.each<[string, (access: DatabaseAccess) => DatabaseAccess, RegExp]>([
    [
      'a wrong password',
      (access) => ({ ...access, password: 'no-such-word' }),
      /password authentication failed/,
    ],
    [
      'a database that is not there',
      (access) => ({ ...access, dbname: 'nowhere' }),
      /database "nowhere" at .* does not exist/,
    ],
    ['a closed port', (access) => ({ ...access, port: 1 }), /ECONNREFUSED/],
  ])('with %s is refused as DatabaseUnreachable, without the password', async (_, wrong, words) => {
    const access = wrong(accessOf(await newDatabase()));
    const error = await connect(access, 'test').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringMatching(words) });
    expect(inspect(error, { depth: 5 })).not.toContain(access.password);
  });
});

describe('a backup', () => {
  /** Two tables that must agree, and some more rows, in a database that beats. */
  async function newApplication(): Promise<Connection> {
    const database = await newDatabase();
    await run(
      database,
      `CREATE TABLE accounts (id int PRIMARY KEY, amount bigint NOT NULL);
       CREATE TABLE savings (id int PRIMARY KEY, amount bigint NOT NULL, note text);
       INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, 200) i;
       INSERT INTO savings SELECT i, 0, repeat(md5(i::text), 20) FROM generate_series(1, 200) i`,
    );
    await heartbeat(database);
    return database;
  }
  const manifestsOf = async (database: Connection) =>
    Array.fromAsync(vault.list(`manifests/${database.database}/`));
  /** Sessions of Lifeboat in a database. */
  const sessions = (database: Connection) =>
    run<{ name: string }>(
      aws.source.superuser(),
      `SELECT application_name AS name FROM pg_stat_activity
       WHERE datname = '${database.database}' AND application_name LIKE 'lifeboat %'`,
    );

  test('of the same run is taken once: asked again it gives the first manifest', async () => {
    const database = await newApplication();
    const request = backupRequest(database);
    const first = await takeBackup(request);
    await run(database, 'UPDATE accounts SET amount = 0');
    expect(await takeBackup(request)).toEqual(first);
    expect(await takeBackup({ ...request, runStartedAt: new Date(Date.now() + 60_000) })).toEqual(first);
    expect(await manifestsOf(database)).toHaveLength(1);
    const other = await takeBackup(backupRequest(database));
    expect(other.recoveryPoint).not.toBe(first.recoveryPoint);
    expect(await manifestsOf(database)).toHaveLength(2);
  });

  test('leaves no session behind', async () => {
    const database = await newApplication();
    await takeBackup(backupRequest(database));
    expect(await sessions(database)).toEqual([]);
  });

  test('shows one moment while the application goes on writing', async () => {
    const database = await newApplication();
    const writer = new pg.Client(database);
    await writer.connect();
    let writing = true;
    let moved = 0;
    const written = (async () => {
      for (; writing; moved += 1) {
        const id = 1 + (moved % 200);
        await writer.query(
          `BEGIN; UPDATE accounts SET amount = amount - 1 WHERE id = ${id};
           UPDATE savings SET amount = amount + 1 WHERE id = ${id}; COMMIT`,
        );
      }
    })();
    // Parts of different tables are copied at different times: the first upload waits for the writer to get on.
    const slowed: Vault = {
      ...vault,
      async upload(...args) {
        const seen = moved;
        while (moved < seen + 20) await new Promise(setImmediate);
        return vault.upload(...args);
      },
    };
    const manifest = await takeBackup(backupRequest(database, { connections: 1 }), { vault: slowed });
    writing = false;
    await written;
    await writer.end();
    expect(moved).toBeGreaterThan(60);
    await restore(manifest, async (scratch) => {
      const copy = await connect(scratch, 'test');
      const { rows } = await copy.query(
        `SELECT (SELECT sum(amount) FROM public.accounts)::int AS accounts, (SELECT sum(amount) FROM public.savings)::int AS savings`,
      );
      await copy.end();
      expect(rows[0].accounts + rows[0].savings).toBe(200_000);
      expect((await validate(manifest, scratch)).checks.every(({ outcome }) => outcome === 'passed')).toBe(
        true,
      );
    });
  });

  test('shows one moment also where a table is emptied and filled again as it begins', async () => {
    const database = await newApplication();
    const rebuilding = new pg.Client(database);
    await rebuilding.connect();
    // TRUNCATE is not of the snapshot: who looks later with an older one finds the table empty.
    await rebuilding.query('BEGIN; UPDATE accounts SET amount = 7; TRUNCATE savings');
    await rebuilding.query('INSERT INTO savings SELECT i, 993 FROM generate_series(1, 200) i');
    const taken = takeBackup(backupRequest(database));
    await until(database, "wait_event_type = 'Lock' AND application_name LIKE 'lifeboat %'");
    await rebuilding.query('COMMIT');
    await rebuilding.end();
    const manifest = await taken;
    await restore(manifest, async (scratch) => {
      const copy = await connect(scratch, 'test');
      const { rows } = await copy.query(
        `SELECT (SELECT sum(amount) FROM public.accounts)::int AS accounts, (SELECT sum(amount) FROM public.savings)::int AS savings`,
      );
      await copy.end();
      expect(rows).toEqual([{ accounts: 1_400, savings: 198_600 }]);
    });
  });

  test('keeps its tables from being truncated until it is done', async () => {
    const database = await newApplication();
    const refused: unknown[] = [];
    const slowed: Vault = {
      ...vault,
      async upload(...args) {
        for (const statement of [
          'TRUNCATE savings',
          'ALTER TABLE accounts ADD COLUMN x int',
          'DROP TABLE savings',
        ])
          await run(database, "SET lock_timeout = '1ms'", statement).catch((error) =>
            refused.push(error.code),
          );
        return vault.upload(...args);
      },
    };
    await takeBackup(backupRequest(database, { connections: 1 }), { vault: slowed });
    // Three tables, one part each.
    expect(refused).toEqual(Array.from({ length: 9 }, () => '55P03'));
    await run(database, 'TRUNCATE savings');
  });

  test('that loses its connection in the middle of a table leaves no manifest and no session', async () => {
    const database = await newApplication();
    await run(
      database,
      'INSERT INTO savings SELECT i, 0, repeat(md5(i::text), 200) FROM generate_series(201, 20000) i',
    );
    const cut: Vault = {
      ...vault,
      upload(key, body, options) {
        body.once('data', () => {
          body.pause();
          run(
            aws.source.superuser(),
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '${database.database}' AND application_name = 'lifeboat backup'`,
          ).then(() => body.resume());
        });
        return vault.upload(key, body, options);
      },
    };
    await expect(takeBackup(backupRequest(database, { connections: 1 }), { vault: cut })).rejects.toThrow(
      /terminat|Connection/i,
    );
    expect(await manifestsOf(database)).toEqual([]);
    await untilNot(database, "application_name LIKE 'lifeboat %'");
  });

  test('that runs out of time says so, and leaves no manifest and no session', async () => {
    const database = await newApplication();
    const deadline = new AbortController();
    class OutOfTime extends Error {
      override readonly name = 'OutOfTime';
    }
    const slow: Vault = {
      ...vault,
      async upload(...args) {
        deadline.abort(new OutOfTime('the time is over'));
        return vault.upload(...args);
      },
    };
    await expect(
      takeBackup(backupRequest(database, { signal: deadline.signal }), { vault: slow }),
    ).rejects.toMatchObject({ name: 'OutOfTime' });
    expect(await manifestsOf(database)).toEqual([]);
    await untilNot(database, "application_name LIKE 'lifeboat %'");
  });

  test('that waits for a lock until its time is over says so', async () => {
    const database = await newApplication();
    const migrating = new pg.Client(database);
    await migrating.connect();
    await migrating.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
    const deadline = new AbortController();
    const taken = takeBackup(backupRequest(database, { signal: deadline.signal })).catch(
      (error: unknown) => error,
    );
    await until(database, "wait_event_type = 'Lock' AND application_name LIKE 'lifeboat %'");
    deadline.abort(Object.assign(new Error('the time is over'), { name: 'OutOfTime' }));
    expect(await taken).toMatchObject({ name: 'OutOfTime' });
    await migrating.end();
    await untilNot(database, "application_name LIKE 'lifeboat %'");
  });

  test.each([
    ['nothing', async () => {}, 'NothingToBackUp'],
    // Whoever reads a wrong secret finds an empty database, and the heartbeat makes its own table there.
    ['nothing but the heartbeat', heartbeat, 'NothingToBackUp'],
    [
      'a large object',
      async (database: Connection) => void (await run(database, 'CREATE TABLE t (); SELECT lo_create(0)')),
      'ContentNotSupported',
    ],
  ])(
    'of a database that holds %s is refused',
    async (_, fill: (database: Connection) => Promise<void>, name) => {
      const database = await newDatabase();
      await fill(database);
      await expect(takeBackup(backupRequest(database))).rejects.toMatchObject({ name });
      expect(await manifestsOf(database)).toEqual([]);
    },
  );

  test('by a role that a policy shows fewer rows is refused, not shorter', async () => {
    const database = await newApplication();
    const reader = await aws.source.createRole({ name: `reader_${unique()}`, createDatabases: false });
    await run(
      database,
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${reader.user}"; GRANT USAGE ON SCHEMA lifeboat TO "${reader.user}";
       GRANT SELECT ON ALL TABLES IN SCHEMA lifeboat TO "${reader.user}"`,
    );
    const access = accessOf({ ...reader, database: database.database });
    expect((await takeBackup(backupRequest(database, { access }))).tables).toHaveLength(3);
    await run(
      database,
      'ALTER TABLE accounts ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON accounts USING (id < 5)',
    );
    await expect(takeBackup(backupRequest(database, { access }))).rejects.toThrow(/row-level security/);
    expect(await manifestsOf(database)).toHaveLength(1);
  });

  test('as text comes back as well', async () => {
    const database = await newApplication();
    const manifest = await takeBackup(backupRequest(database, { rows: 'text' }));
    expect(manifest.tables.map(({ format }) => format)).toEqual(['text', 'text', 'text']);
    await restore(manifest, async (scratch) => {
      expect((await validate(manifest, scratch)).checks.every(({ outcome }) => outcome === 'passed')).toBe(
        true,
      );
    });
  });

  test('is given up with the connections that were still being made', async () => {
    const database = await newApplication();
    const snapshot = await exportSnapshot(accessOf(database), { clock: systemClock, signal: never });
    const joining = snapshot.join('late');
    snapshot.abandon();
    await expect(joining).rejects.toThrow();
    await untilNot(database, "application_name LIKE 'lifeboat %'");
  });
});

describe('a restore', () => {
  async function backedUp(): Promise<{ database: Connection; manifest: Manifest }> {
    const database = await newDatabase();
    await run(
      database,
      `CREATE TABLE contacts (id int PRIMARY KEY, email text); CREATE TABLE notes (id serial, contact int REFERENCES contacts);
       INSERT INTO contacts VALUES (1, 'a@b'), (2, 'c@d'); INSERT INTO notes (contact) VALUES (1), (2)`,
    );
    await heartbeat(database);
    return { database, manifest: await takeBackup(backupRequest(database)) };
  }
  const soundRun = `restore-${unique()}`;
  /** One recovery point, and what a good restore of it leaves: for every test that leaves them as they are. */
  let manifest: Manifest;
  let sound: DatabaseAccess;

  beforeAll(async () => {
    ({ manifest } = await backedUp());
    const mark = { runId: soundRun, workload: 'mailblast', expiresAt: new Date(Date.now() + 3_600_000) };
    sound = await createScratch(scratchServer, mark, manifest.source);
    await createLoadRecoveryPoint({ vault, progress: silent })({
      manifest,
      scratch: sound,
      connections: 2,
      signal: never,
    });
  });
  afterAll(async () => {
    if (scratchServer) await dropScratch(scratchServer, soundRun);
  });

  const failed = ({ checks }: Validation) =>
    checks.filter(({ outcome }) => outcome !== 'passed').map(({ kind, name }) => [kind, name]);

  test('of everything passes every check', async () => {
    const { checks, recoveredTo } = await validate(manifest, sound);
    expect(checks.map(({ outcome }) => outcome)).toEqual(checks.map(() => 'passed'));
    expect(checks.map(({ kind }) => kind)).toEqual([
      'schema',
      'tables',
      'content',
      'content',
      'content',
      'sequences',
      'indexes',
      'freshness',
    ]);
    expect(recoveredTo?.toISOString()).toBe(manifest.heartbeatAt);
  });

  test.each<[string, string, [string, string][]]>([
    [
      'a changed row',
      "UPDATE public.contacts SET email = 'x' WHERE id = 1",
      [['content', 'public.contacts']],
    ],
    ['a lost row', 'DELETE FROM public.notes WHERE id = 1', [['content', 'public.notes']]],
    [
      'a lost table',
      'DROP TABLE public.notes',
      [
        ['schema', 'the schema is the one of the source'],
        ['tables', 'every table came back'],
        ['sequences', 'every sequence stands where it stood'],
      ],
    ],
    [
      'a table that nobody backed up',
      'CREATE TABLE public.extra ()',
      [
        ['schema', 'the schema is the one of the source'],
        ['tables', 'every table came back'],
      ],
    ],
    [
      'a lost index',
      'ALTER TABLE public.notes DROP CONSTRAINT notes_contact_fkey; ALTER TABLE public.contacts DROP CONSTRAINT contacts_pkey',
      [['schema', 'the schema is the one of the source']],
    ],
    [
      'a sequence set back',
      "SELECT setval('public.notes_id_seq', 1)",
      [['sequences', 'every sequence stands where it stood']],
    ],
    [
      'a sequence that was not drawn from',
      "SELECT setval('public.notes_id_seq', 2, false)",
      [['sequences', 'every sequence stands where it stood']],
    ],
    [
      'no heartbeat',
      'DELETE FROM lifeboat.heartbeat',
      [
        ['content', 'lifeboat.heartbeat'],
        ['freshness', 'the newest heartbeat is close to the snapshot'],
      ],
    ],
  ])('with %s is found out', async (_, mutation, expected) => {
    const name = `copy_${unique()}`;
    await run(
      aws.scratch.superuser(),
      `CREATE DATABASE ${name} TEMPLATE ${sound.dbname} OWNER "${sound.username}"`,
    );
    const scratch = { ...sound, dbname: name };
    const client = await connect(scratch, 'test');
    await client.query(mutation);
    await client.end();
    expect(failed(await validate(manifest, scratch))).toEqual(expected);
  });

  test.each([
    ['from before the freshness', -301_000],
    ['from a clock that is ahead', 3_600_000],
  ])('whose heartbeat is %s is found out', async (_, ahead) => {
    const database = await newDatabase();
    await run(database, 'CREATE TABLE contacts ()');
    await heartbeat(database, new Date(Date.now() + ahead));
    const manifest = await takeBackup(backupRequest(database));
    await restore(manifest, async (scratch) => {
      expect(failed(await validate(manifest, scratch))).toEqual([
        ['freshness', 'the newest heartbeat is close to the snapshot'],
      ]);
    });
  });

  test('asks the questions of the plan after what it runs first, and reads only', async () => {
    await restore(manifest, async (scratch) => {
      const { checks } = await createValidateRestore({ vault, progress: silent })({
        manifest,
        scratch,
        plan: {
          afterRestore: ["UPDATE public.contacts SET email = 'masked'"],
          checks: [
            {
              name: 'masked',
              sql: "SELECT count(*) FROM contacts WHERE email = 'masked'",
              expect: { equals: 2 },
            },
            { name: 'wrong', sql: 'SELECT count(*) FROM contacts', expect: { atLeast: 3 } },
            { name: 'misspelt', sql: 'SELECT count(*) FROM contcats', expect: { atLeast: 0 } },
            { name: 'writes', sql: 'DELETE FROM contacts RETURNING id', expect: { noRows: true } },
            { name: 'leaves the transaction', sql: 'COMMIT; SELECT 1', expect: { equals: 1 } },
            { name: 'still answers', sql: 'SELECT 1 WHERE false', expect: { noRows: true } },
          ],
          freshness: 300_000,
        },
        connections: 2,
        signal: never,
      });
      expect(
        checks.filter(({ kind }) => kind === 'plan').map(({ name, outcome }) => [name, outcome]),
      ).toEqual([
        ['masked', 'passed'],
        ['wrong', 'failed'],
        ['misspelt', 'not-run'],
        ['writes', 'not-run'],
        ['leaves the transaction', 'not-run'],
        ['still answers', 'passed'],
      ]);
      expect(checks.find(({ kind }) => kind === 'content')?.outcome).toBe('passed');
    });
  });

  /** Gives bytes of an object that are not what was written. */
  const altered = (key: (key: string) => boolean, alter: (bytes: Buffer) => Buffer | Error): Vault => ({
    ...vault,
    async open(object) {
      const stream = await vault.open(object);
      if (!key(object.key)) return stream;
      const bytes = alter(Buffer.concat(await stream.toArray()));
      if (bytes instanceof Error)
        return new Readable({
          read() {
            this.destroy(bytes);
          },
        });
      return Readable.from([bytes]);
    },
  });
  const rowsOf = (manifest: Manifest, name: string) => (key: string) =>
    manifest.tables.some((table) => table.name === name && table.parts.some((part) => part.key === key));

  async function loadFrom(from: Vault, manifest: Manifest): Promise<unknown> {
    const runId = `restore-${unique()}`;
    const scratch = await createScratch(
      scratchServer,
      { runId, workload: 'mailblast', expiresAt: new Date(Date.now() + 3_600_000) },
      manifest.source,
    );
    try {
      return await createLoadRecoveryPoint({ vault: from, progress: silent })({
        manifest,
        scratch,
        connections: 2,
        signal: never,
      }).catch((error: unknown) => error);
    } finally {
      await dropScratch(scratchServer, runId);
    }
  }

  test.each<[string, string, (bytes: Buffer) => Buffer | Error]>([
    [
      'a flipped bit',
      'RecoveryPointDamaged',
      (bytes) => Buffer.from(bytes.with(-70, (bytes.at(-70) ?? 0) ^ 1)),
    ],
    ['its end cut off', 'RecoveryPointDamaged', (bytes) => bytes.subarray(0, -57)],
    ['a byte more', 'RecoveryPointDamaged', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    ['nothing in it', 'RecoveryPointDamaged', () => Buffer.alloc(0)],
    ['a connection that breaks', 'Error', () => new Error('aborted')],
  ])('of an object with %s fails as %s', async (_, name, alter) => {
    for (const key of [rowsOf(manifest, 'contacts'), (each: string) => each.includes('schema/pre-data')])
      expect(await loadFrom(altered(key, alter), manifest)).toMatchObject({ name });
  });

  test("of rows that two objects hold in each other's place fails as damage", async () => {
    const database = await newDatabase();
    await run(
      database,
      'CREATE TABLE "a.b" (n int); CREATE SCHEMA a; CREATE SCHEMA "public.a"; CREATE TABLE "public.a".b (n int)',
    );
    await run(database, 'INSERT INTO "a.b" VALUES (1); INSERT INTO "public.a".b VALUES (2)');
    const manifest = await takeBackup(backupRequest(database));
    const [first, second] = manifest.tables;
    if (!first || !second) throw new Error('two tables were expected');
    const swapped: Manifest = {
      ...manifest,
      tables: [
        { ...first, parts: second.parts },
        { ...second, parts: first.parts },
      ],
    };
    expect(await loadFrom(vault, swapped)).toMatchObject({ name: 'RecoveryPointDamaged' });
  });

  test('that the scratch server cannot hold is not blamed on the backup', async () => {
    const { database, manifest } = await backedUp();
    const older = { ...manifest, source: { ...manifest.source, serverVersion: 170000 } };
    expect(await loadFrom(vault, older)).toMatchObject({ name: 'ScratchUnsuitable' });
    // Roles are of a server, not of a database, and a policy names one.
    const auditor = await aws.source.createRole({ name: `auditor_${unique()}`, createDatabases: false });
    await run(database, `CREATE POLICY theirs ON contacts TO "${auditor.user}" USING (true)`);
    const error = await loadFrom(vault, await takeBackup(backupRequest(database)));
    expect(error).toMatchObject({ code: '42704', message: `role "${auditor.user}" does not exist` });
    expect(isDamage(error)).toBe(false);
    const missing = await run(database, 'CREATE EXTENSION is_not_there').catch((reason: unknown) => reason);
    expect(missing).toMatchObject({ code: '0A000' });
    expect(isDamage(missing)).toBe(false);
  });

  test('whose rows break the schema is blamed on the backup', async () => {
    const twice: Manifest = {
      ...manifest,
      tables: manifest.tables.map((table) =>
        table.name === 'contacts' ? { ...table, parts: [...table.parts, ...table.parts] } : table,
      ),
    };
    expect(await loadFrom(vault, twice)).toMatchObject({
      name: 'RecoveryPointDamaged',
      message: expect.stringMatching(/could not create unique index "contacts_pkey"/),
    });
  });
});

describe('a scratch database', () => {
  const like = {
    serverVersion: 180004,
    serverVersionText: '18.4',
    encoding: 'UTF8',
    localeProvider: 'libc',
    collate: 'C',
    ctype: 'C',
    locale: null,
    extensions: [],
  } as const;
  const now = new Date('2026-10-05T04:00:00.000Z');
  const later = new Date('2026-10-05T10:00:00.000Z');
  const make = (runId: string, expiresAt = later, workload = 'mailblast') =>
    createScratch(scratchServer, { runId, workload, expiresAt }, like);
  const admin = (...statements: string[]) => run(aws.scratch.superuser(), ...statements);
  const exists = async (name: string) =>
    (await admin(`SELECT FROM pg_database WHERE datname = '${name}'`)).length === 1;

  test('is made again empty by every attempt of its run, and dropped once', async () => {
    const runId = unique();
    const { dbname } = await make(runId);
    expect(dbname).toBe(scratchName(runId));
    const first = await connect({ ...scratchServer, dbname }, 'test');
    await first.query('CREATE TABLE public.leftover ()');
    // Its session is thrown out: an earlier attempt may still be at work.
    await make(runId);
    const second = await connect({ ...scratchServer, dbname }, 'test');
    expect(await listTables(second)).toEqual([]);
    expect(await dropScratch(scratchServer, runId)).toEqual({ dropped: true });
    expect(await exists(dbname)).toBe(false);
    expect(await dropScratch(scratchServer, runId)).toEqual({ dropped: false });
    await Promise.allSettled([first.end(), second.end()]);
  });

  test.each([
    ['libc', { localeProvider: 'libc', collate: 'C', ctype: 'C.UTF-8', locale: null }],
    ['builtin', { localeProvider: 'builtin', collate: 'C', ctype: 'C', locale: 'C.UTF-8' }],
    ['ICU', { localeProvider: 'icu', collate: 'C', ctype: 'C', locale: 'de-DE' }],
  ] as const)('has encoding and locale of a source with the provider %s', async (_, locale) => {
    const runId = unique();
    const access = await createScratch(
      scratchServer,
      { runId, workload: 'mailblast', expiresAt: later },
      { ...like, ...locale },
    );
    const client = await connect(access, 'test');
    const traits = await readTraits(client);
    await client.end();
    await dropScratch(scratchServer, runId);
    expect(traits).toMatchObject({ encoding: 'UTF8', ...locale });
  });

  test.each([
    ['encoding', { encoding: 'EUC_MOON' }],
    ['locale', { collate: 'tlh_QO.utf8', ctype: 'tlh_QO.utf8' }],
  ])('cannot be made with an %s that the server does not know', async (_, unknown) => {
    const made = createScratch(
      scratchServer,
      { runId: unique(), workload: 'mailblast', expiresAt: later },
      { ...like, ...unknown },
    );
    await expect(made).rejects.toMatchObject({ name: 'ScratchUnsuitable' });
  });

  test.each([
    ['has no comment', () => null],
    ['has a comment of people', () => 'do not drop'],
    ['carries half a mark', (runId: string) => JSON.stringify({ lifeboat: 'scratch', runId })],
    [
      'carries the mark of another run',
      () => JSON.stringify({ lifeboat: 'scratch', runId: 'other', workload: 'mailblast', expiresAt: now }),
    ],
  ])('is neither dropped nor made again where it %s', async (_, comment) => {
    const runId = unique();
    const name = scratchName(runId);
    const text = comment(runId);
    await admin(
      `CREATE DATABASE ${name} OWNER "${scratchServer.username}"`,
      `COMMENT ON DATABASE ${name} IS ${text === null ? 'NULL' : pg.escapeLiteral(text)}`,
    );
    await expect(dropScratch(scratchServer, runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    await expect(make(runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    expect(await exists(name)).toBe(true);
    await admin(`DROP DATABASE ${name}`);
  });

  test('is swept once it is past its time; others are kept and what is not marked is reported', async () => {
    const expired = (await make(unique(), now)).dbname;
    const inUse = (await make(unique(), new Date(now.getTime() + 1))).dbname;
    const foreign = (await make(unique(), new Date('2020-01-01T00:00:00Z'), 'marimo-erp')).dbname;
    const unmarked = 'lifeboat_scratch_unmarked';
    const similar = 'lifeboat1scratch_x';
    await admin(
      `CREATE DATABASE ${unmarked} OWNER "${scratchServer.username}"`,
      `CREATE DATABASE ${similar}`,
    );
    const sweep = await sweepScratch(scratchServer, 'mailblast', now);
    expect(sweep).toEqual({
      dropped: [expired],
      kept: [inUse, foreign].sort(),
      unmarked: [unmarked],
    });
    const left = await Promise.all([expired, inUse, foreign, unmarked, similar].map(exists));
    expect(left).toEqual([false, true, true, true, true]);
    for (const name of [inUse, foreign, unmarked, similar]) await admin(`DROP DATABASE ${name}`);
  });
});
