import type { Connection } from 'local-postgres/start-postgres';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { idOfManifestKey } from '../../shared/backup/logical/recovery-point-id.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readArchive } from '../../shared/database/postgres/archive/read-archive.ts';
import { connect } from '../../shared/database/postgres/connect.ts';
import { dumpSchema } from '../../shared/database/postgres/schema/dump-schema.ts';
import { exportSnapshot } from '../../shared/database/postgres/snapshot.ts';
import type { Vault } from '../../shared/vault/vault.ts';
import {
  accessOf,
  aws,
  backupRequest,
  heartbeat,
  never,
  newDatabase,
  restore,
  run,
  takeBackup,
  unique,
  until,
  untilNot,
  validate,
  vault,
} from './support/servers.ts';

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
    (await Array.fromAsync(vault.list(`manifests/${database.database}/`))).filter(idOfManifestKey);
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

  test('shows no connection what was committed after its moment', async () => {
    const database = await newApplication();
    const snapshot = await exportSnapshot(accessOf(database), { clock: systemClock, signal: never });
    await run(database, 'UPDATE accounts SET amount = 7; CREATE TABLE late ()');
    const late = await snapshot.join('late');
    const { rows } = await late.query('SELECT sum(amount)::int AS sum FROM public.accounts');
    const schema = await dumpSchema(accessOf(database), { snapshot: snapshot.name, signal: never });
    await snapshot.release();
    expect(rows).toEqual([{ sum: 200_000 }]);
    const tables = readArchive(schema.archive).entries.flatMap(({ desc, tag }) =>
      desc === 'TABLE' ? [tag] : [],
    );
    expect(tables).toContain('savings');
    expect(tables).not.toContain('late');
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
    // Under the name that the state machine tries again: a source that fails over is back in a minute.
    await expect(
      takeBackup(backupRequest(database, { connections: 1 }), { vault: cut }),
    ).rejects.toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining(`database "${database.database}"`),
    });
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
    // A wrong secret leads to an empty database, and the heartbeat makes its own table there.
    ['nothing but the heartbeat', heartbeat, 'NothingToBackUp'],
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
