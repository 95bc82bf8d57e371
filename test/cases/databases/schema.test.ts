import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { fieldCase } from '../field-case.ts';
import { type Outcome, runEach, useServers } from './servers.ts';

const servers = useServers();

/** What has to come out of a sound backup, whatever is in its schema. */
function expectVerified({ verdict, failed, error }: Outcome): void {
  expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
}

fieldCase('A1', async (now) => {
  const anew = await servers.backUpAndRestore({
    statements: ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public', 'CREATE TABLE t (a int)'],
  });
  now(anew.verdict);
  expectVerified(anew);
  const source = await servers.newDatabase();
  await runEach(servers.source.superuser(source.database), [
    'ALTER SCHEMA public OWNER TO local_admin',
    'GRANT CREATE ON SCHEMA public TO PUBLIC',
  ]);
  expectVerified(await servers.backUpAndRestore({ source, statements: ['CREATE TABLE t (a int)'] }));
});

fieldCase('A5', async (now) => {
  const outcome = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE t (a int NOT NULL, b int NOT NULL)',
      'INSERT INTO t SELECT n, n FROM generate_series(1, 20000) n',
      'CREATE UNIQUE INDEX a ON t (a)',
      'CREATE UNIQUE INDEX b ON t (b)',
      'ALTER TABLE t REPLICA IDENTITY USING INDEX a',
      'ALTER TABLE t CLUSTER ON b',
    ],
  });
  now(outcome.verdict);
  expectVerified(outcome);
});

test('a deadlock that the server ends is nobody’s fault: what it ended is made again', async () => {
  // Each key's function reads the other key's table, so each build waits for the lock of the other.
  const reads = (name: string, table: string) =>
    `CREATE FUNCTION ${name}(int) RETURNS int LANGUAGE plpgsql IMMUTABLE
     AS 'BEGIN PERFORM pg_sleep(0.5); PERFORM count(*) FROM public.${table}; RETURN $1; END'`;
  const outcome = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE one (id int)',
      'CREATE TABLE other (id int)',
      reads('reads_other', 'other'),
      reads('reads_one', 'one'),
      'INSERT INTO one VALUES (1)',
      'INSERT INTO other VALUES (1)',
      'ALTER TABLE one ADD EXCLUDE ((reads_other(id)) WITH =)',
      'ALTER TABLE other ADD EXCLUDE ((reads_one(id)) WITH =)',
    ],
  });
  expectVerified(outcome);
});

fieldCase('A6', async (now) => {
  const header = String.raw`E'x\n--\n-- Name: c; Type: INDEX; Schema: public; Owner: -\n--\ny'`;
  const outcome = await servers.backUpAndRestore({
    statements: ['CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)', `COMMENT ON INDEX i IS ${header}`],
    look: async (copy, source) => {
      const comment = [`SELECT obj_description('i'::regclass)`];
      expect(await runEach(copy, comment)).toEqual(await runEach(source, comment));
    },
  });
  now(outcome.verdict);
  expectVerified(outcome);
});

fieldCase('A21', async (now) => {
  const outcome = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE p (a int, b int)',
      'CREATE TABLE c (b int, a int)',
      'ALTER TABLE c INHERIT p',
      'ALTER TABLE c ALTER b SET STATISTICS 10, ALTER a SET STATISTICS 20',
      `COMMENT ON COLUMN c.b IS 'one'`,
      `COMMENT ON COLUMN c.a IS 'other, (with) "signs"'`,
      'INSERT INTO c VALUES (1, 2), (3, 4)',
    ],
  });
  now(outcome.verdict);
  expectVerified(outcome);
});

test('a column of an inheriting table that changed its type is found', async () => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: ['CREATE TABLE p (a int)', 'CREATE TABLE c (b int, a int)', 'ALTER TABLE c INHERIT p'],
    look: async (copy) => {
      await runEach(copy, ['ALTER TABLE c ALTER b TYPE bigint']);
    },
  });
  expect(verdict).toBe('rejected');
  expect(failed.map(({ found }) => found)).toEqual([expect.stringMatching(/differing in TABLE public\.c$/)]);
});

describe('an index that is invalid in the source', () => {
  fieldCase('A22', async (now) => {
    const outcome = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE p (a int) PARTITION BY RANGE (a)',
        'CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)',
        'CREATE INDEX incomplete ON ONLY p (a)',
      ],
    });
    now(outcome.verdict);
    expectVerified(outcome);
    expect(outcome.manifest.schema.invalidIndexes).toEqual(['public.incomplete']);
  });

  test('because its build never ended is left out, and said to be', async () => {
    const source = await servers.newDatabase();
    await runEach(source, ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1), (1)']);
    await expect(runEach(source, ['CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)'])).rejects.toThrow();
    const outcome = await servers.backUpAndRestore({ source });
    expectVerified(outcome);
    expect(outcome.leftOut).toEqual(['index public.broken, which is invalid in the source']);
  });

  test('does not excuse another one of the copy', async () => {
    const { verdict, failed } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE p (a int) PARTITION BY RANGE (a)',
        'CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)',
        'CREATE INDEX whole ON p (a)',
      ],
      look: async (copy) => {
        await runEach(copy, ['DROP INDEX whole', 'CREATE INDEX whole ON ONLY p (a)']);
      },
    });
    expect(verdict).toBe('rejected');
    expect(failed.find(({ kind }) => kind === 'indexes')?.found).toBe('invalid: public.whole');
  });
});

fieldCase('A25', async (now) => {
  const outcome = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE g (id int PRIMARY KEY, v text)',
      `CREATE FUNCTION grouped(int) RETURNS text LANGUAGE sql IMMUTABLE
       BEGIN ATOMIC SELECT v FROM g WHERE id = $1 GROUP BY id; END`,
      'CREATE TABLE uses (a int)',
      'CREATE INDEX uses_grouped ON uses (grouped(a))',
      `INSERT INTO g VALUES (1, 'one')`,
      'INSERT INTO uses VALUES (1), (2)',
    ],
  });
  now(outcome.verdict);
  expectVerified(outcome);
});

describe('roles that policies name', () => {
  const policyTo = async (role: string) => {
    await runEach(servers.source.superuser(), [`CREATE ROLE ${pg.escapeIdentifier(role)} NOLOGIN`]);
    return [
      'CREATE TABLE t (a int)',
      `CREATE POLICY theirs ON t TO ${pg.escapeIdentifier(role)} USING (true)`,
    ];
  };

  fieldCase('A28', async (now) => {
    const statements = await policyTo('au"di"tor');
    const refused = await servers.backUpAndRestore({ statements });
    expect(refused.verdict).toBe('not-proven');
    expect(refused.error).toMatchObject({
      name: 'ScratchUnsuitable',
      message: 'the schema names roles that the scratch server lacks: au"di"tor',
      hint: 'Give the scratch login CREATEROLE, or create them there: CREATE ROLE "au""di""tor" NOLOGIN',
    });
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests CREATEROLE']);
    const outcome = await servers.backUpAndRestore({ source: await again(statements) });
    now(`${outcome.verdict}, with a placeholder; without CREATEROLE not-proven, with advice`);
    expectVerified(outcome);
    expect(outcome.leftOut).toContain('role au"di"tor');
    expect(outcome.reason).toMatch(/not proven: .*role au"di"tor/);
    const [role] = await runEach(servers.scratch.superuser(), [
      `SELECT rolcanlogin AS login, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = 'au"di"tor'`,
    ]);
    expect(role).toEqual({ login: false, comment: expect.stringMatching(/^lifeboat placeholder/) });
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests NOCREATEROLE']);
  });

  test('that the scratch server has are not reported', async () => {
    const statements = await policyTo('reviewer');
    await runEach(servers.scratch.superuser(), ['CREATE ROLE reviewer NOLOGIN']);
    const outcome = await servers.backUpAndRestore({ statements });
    expectVerified(outcome);
    expect(outcome.leftOut).toEqual([]);
  });

  async function again(statements: readonly string[]) {
    const source = await servers.newDatabase();
    await runEach(source, statements);
    return source;
  }
});
