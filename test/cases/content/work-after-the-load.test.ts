import { expect, test } from 'vitest';
import { useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

fieldCase('A27', async (now) => {
  const { verdict, failed, notices } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE t (a int, b int)',
      'INSERT INTO t VALUES (0, 1), (1, 2)',
      'CREATE STATISTICS s ON (10 / a), b FROM t',
    ],
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  expect(notices).toEqual(['public.t has no statistics for its queries: division by zero']);
  now('verified, with the notice that t has no statistics');
});

test('an index whose expression ANALYZE cannot compute changes no verdict either', async () => {
  const { verdict, notices } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE t (a int)',
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_query() ~ 'ANALYZE' THEN RAISE 'not now'; END IF; RETURN a; END $$",
      'CREATE INDEX ON t (f(a))',
      'INSERT INTO t VALUES (0), (1)',
    ],
  });
  expect(notices).toEqual(['public.t has no statistics for its queries: not now']);
  expect(verdict).toBe('verified');
});
