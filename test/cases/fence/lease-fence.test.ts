import type { Connection } from 'local-postgres/access';
import type { Major } from 'local-postgres/binaries';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { answerTo, fence, newDatabase, session, tables, useServer, withFence } from './server.ts';

const REFUSED = '25006';

describe.each<Major>([14, 15, 16, 17, 18])('on PostgreSQL %i', (major) => {
  const started = useServer(major);

  /** A database with a fenced table `t`, and a table `free` beside it. */
  async function fenced(...statements: readonly string[]): Promise<Connection> {
    const database = await newDatabase(
      started.server,
      'CREATE TABLE t (id int PRIMARY KEY, v int)',
      'CREATE TABLE free (id int)',
      'INSERT INTO t VALUES (1, 0)',
      ...statements,
    );
    await fence(database, ['t']);
    return database;
  }
  const end = (database: Connection) => withFence(database, (one) => one.end());

  async function inSession<T>(where: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await session(where);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  const WRITES = [
    'INSERT INTO t VALUES (2, 0)',
    'UPDATE t SET v = 1',
    'UPDATE t SET v = 1 WHERE false',
    'DELETE FROM t',
    'TRUNCATE t',
    'INSERT INTO t VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET v = 2',
    'WITH gone AS (DELETE FROM t RETURNING id) SELECT count(*) FROM gone',
    'COPY t FROM PROGRAM $$echo 7$$ WITH (FORMAT csv)',
  ];

  test('every write to a fenced table is refused once the lease is over, also by a superuser', async () => {
    const database = await fenced();
    await inSession(started.server.superuser(database.database), async (client) => {
      await client.query('BEGIN');
      for (const sql of WRITES.slice(0, 7)) expect(await answerTo(client, sql), sql).toBe('ok');
      await client.query('ROLLBACK');
      await end(database);
      for (const sql of WRITES) expect(await answerTo(client, sql), sql).toBe(REFUSED);
      expect(await answerTo(client, 'SELECT * FROM t')).toBe('ok');
      expect(await answerTo(client, 'SELECT * FROM t FOR UPDATE')).toBe('ok');
      expect(await answerTo(client, 'INSERT INTO free VALUES (1)')).toBe('ok');
    });
  });

  test('the refusal names the table and the next step', async () => {
    const database = await fenced();
    await withFence(database, async (one) => one.restart(new Date((await one.now()).getTime() - 1)));
    await inSession(database, async (client) => {
      const error = await client.query('DELETE FROM t').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: REFUSED,
        message: 'no write to public.t: the lease of this database is over',
        detail: expect.stringMatching(/^It ended at .*, and it is .*\.$/),
        hint: expect.stringContaining('lifeboat fence show'),
      });
    });
  });

  test('a transaction that wrote before the end is not committed after it', async () => {
    const database = await fenced();
    await inSession(database, async (client) => {
      await client.query('BEGIN');
      await client.query('UPDATE t SET v = 9');
      await end(database);
      expect(await answerTo(client, 'SELECT 1')).toBe('ok');
      expect(await answerTo(client, 'COMMIT')).toBe(REFUSED);
      expect((await client.query('SELECT v FROM t')).rows).toEqual([{ v: 0 }]);
    });
  });

  test.each([
    [
      'a savepoint that was rolled back held the first write',
      ['SAVEPOINT s', 'UPDATE t SET v = 1', 'ROLLBACK TO s', 'UPDATE t SET v = 2'],
    ],
    ['the write was in a savepoint', ['SAVEPOINT s', 'UPDATE t SET v = 1', 'RELEASE s']],
    ['it truncated', ['TRUNCATE t']],
    [
      'it wrote, and altered and truncated the table after',
      ['UPDATE t SET v = 1', 'ALTER TABLE t ADD COLUMN w int', 'TRUNCATE t'],
    ],
    [
      'an exception was caught',
      ["DO $$ BEGIN UPDATE t SET v = 1; RAISE 'x'; EXCEPTION WHEN OTHERS THEN UPDATE t SET v = 2; END $$"],
    ],
    [
      'constraints were immediate for a while',
      [
        'UPDATE t SET v = 1',
        'SET CONSTRAINTS ALL IMMEDIATE',
        'SET CONSTRAINTS ALL DEFERRED',
        'UPDATE t SET v = 2',
      ],
    ],
    ['everything was reset', ['UPDATE t SET v = 1', 'RESET ALL']],
    [
      'the mark of the check was forged before',
      ["SET lifeboat.checked_at_commit = '1'", 'UPDATE t SET v = 1'],
    ],
  ])('nor where %s', async (_, statements) => {
    const database = await fenced();
    await inSession(database, async (client) => {
      await client.query('BEGIN');
      for (const sql of statements) await client.query(sql);
      await end(database);
      expect(await answerTo(client, 'COMMIT')).toBe(REFUSED);
    });
  });

  test('a transaction in REPEATABLE READ or SERIALIZABLE sees a renewal that came after its snapshot', async () => {
    const database = await fenced();
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE'])
      await inSession(database, async (client) => {
        await withFence(database, async (one) => one.restart(new Date((await one.now()).getTime() + 700)));
        await client.query(`BEGIN ISOLATION LEVEL ${level}`);
        await client.query('SELECT * FROM t');
        await withFence(database, async (one) => one.renew(new Date((await one.now()).getTime() + 60_000)));
        await client.query('SELECT pg_sleep(0.8)');
        expect(await answerTo(client, 'UPDATE t SET v = 3')).toBe('ok');
        expect(await answerTo(client, 'COMMIT')).toBe('ok');
      });
  });

  test('no session setting and no object of the application goes round it', async () => {
    const database = await fenced(
      'CREATE SCHEMA evil',
      "CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT '1970-01-01'::timestamptz$$",
      'CREATE FUNCTION evil.le(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS $$SELECT false$$',
      'CREATE OPERATOR evil.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.le)',
      'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE t FORCE ROW LEVEL SECURITY',
      'CREATE POLICY none ON t USING (false) WITH CHECK (true)',
    );
    await end(database);
    await inSession(started.server.superuser(database.database), async (client) => {
      for (const setting of [
        'SET search_path = evil, pg_catalog, public',
        'SET session_replication_role = replica',
        "SET lifeboat.checked_at_commit = ''",
        'SET check_function_bodies = off',
        'SET row_security = off',
      ]) {
        await client.query(setting);
        expect(await answerTo(client, 'INSERT INTO public.t VALUES (5, 5)'), setting).toBe(REFUSED);
        await client.query('RESET ROLE; RESET ALL');
      }
    });
    await inSession(database, async (client) => {
      expect(await answerTo(client, 'UPDATE t SET v = 1')).toBe(REFUSED);
    });
  });

  test('a role without any right on the lease writes while it lasts, and is refused after', async () => {
    const database = await fenced();
    const role = `clerk_${database.database}`;
    await inSession(started.server.superuser(database.database), async (client) => {
      await client.query(`CREATE ROLE ${role}; GRANT INSERT ON t TO ${role}; SET ROLE ${role}`);
      expect(await answerTo(client, 'INSERT INTO t VALUES (3, 3)')).toBe('ok');
      await end(database);
      expect(await answerTo(client, 'INSERT INTO t VALUES (4, 4)')).toBe(REFUSED);
      expect(await answerTo(client, 'SELECT last_value FROM lifeboat.lease_end')).toBe('42501');
    });
  });

  test('partitions and heirs are fenced, also by their own names and when they are made later', async () => {
    const database = await newDatabase(
      started.server,
      'CREATE TABLE p (id int) PARTITION BY RANGE (id)',
      'CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id)',
      'CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN (1, 2)',
      'CREATE TABLE parent (id int)',
      'CREATE TABLE heir () INHERITS (parent)',
    );
    await fence(database, ['p', 'parent']);
    await inSession(database, async (client) => {
      await client.query('CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)');
      await client.query('CREATE TABLE p3 (id int)');
      await client.query('ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (20) TO (30)');
      for (const sql of [
        'INSERT INTO p2 VALUES (11)',
        'INSERT INTO p3 VALUES (21)',
        'INSERT INTO p1a VALUES (1)',
      ])
        expect(await answerTo(client, sql)).toBe('ok');
      await end(database);
      for (const sql of [
        'INSERT INTO p VALUES (1)',
        'INSERT INTO p1 VALUES (1)',
        'INSERT INTO p1a VALUES (1)',
        'INSERT INTO p2 VALUES (11)',
        'INSERT INTO p3 VALUES (21)',
        'UPDATE p2 SET id = 12',
        'INSERT INTO parent VALUES (1)',
        'INSERT INTO heir VALUES (1)',
        'TRUNCATE p1a',
      ])
        expect(await answerTo(client, sql), sql).toBe(REFUSED);
    });
    const state = await withFence(database, (one) => one.read(tables('p', 'parent')));
    expect(state.gaps).toEqual([
      'public.p2 lacks the trigger lifeboat_lease',
      'public.p2 lacks the trigger lifeboat_lease_truncate',
      'public.p3 lacks the trigger lifeboat_lease',
      'public.p3 lacks the trigger lifeboat_lease_truncate',
    ]);
    await fence(database, ['p', 'parent']);
    expect((await withFence(database, (one) => one.read(tables('p', 'parent')))).gaps).toEqual([]);
  });

  test('what reaches a fenced table through a view, a cascade or a function is refused', async () => {
    const database = await fenced(
      'CREATE VIEW seen AS SELECT * FROM t',
      'CREATE TABLE root (id int PRIMARY KEY)',
      'INSERT INTO root VALUES (1)',
      'ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES root ON DELETE CASCADE',
      'CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$UPDATE t SET v = 5$$',
      'CREATE RULE through AS ON INSERT TO free DO ALSO UPDATE t SET v = 6',
    );
    await end(database);
    await inSession(database, async (client) => {
      for (const sql of [
        'UPDATE seen SET v = 1',
        'DELETE FROM root',
        'SELECT f()',
        'INSERT INTO free VALUES (1)',
      ])
        expect(await answerTo(client, sql), sql).toBe(REFUSED);
    });
  });

  test('a server whose clock was set back refuses writes until a renewal by the new clock', async () => {
    const database = await fenced();
    // As a clock set back by two hours sees the lease.
    await withFence(database, async (one) => one.restart(new Date((await one.now()).getTime() + 7_200_000)));
    await inSession(database, async (client) => {
      expect(await answerTo(client, 'UPDATE t SET v = 1')).toBe(REFUSED);
      await withFence(database, async (one) => one.renew(new Date((await one.now()).getTime() + 60_000)));
      expect(await answerTo(client, 'UPDATE t SET v = 1')).toBe('ok');
      const { lease } = await withFence(database, (one) => one.read(tables('t')));
      expect(lease?.until?.getTime()).toBeLessThan(Date.now() + 120_000);
    });
  });
});
