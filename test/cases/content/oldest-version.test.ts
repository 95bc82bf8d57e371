import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';

/** The oldest server that is supported: its catalogue and its functions are the smallest. */
const servers = useServers({ source: 14, scratch: 14 });

test('content of every kind comes back on PostgreSQL 14', async () => {
  const { verdict, reason, failed, leftOut } = await servers.backUpAndRestore({
    statements: [
      "CREATE TABLE f AS SELECT proname, proargtypes, '{[1,2)}'::int4multirange AS m FROM pg_proc WHERE proname = 'now'",
      "CREATE TYPE colour AS ENUM ('red', 'green', 'blue')",
      'CREATE TABLE p (c colour, n int) PARTITION BY HASH (c)',
      'CREATE TABLE p_0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
      'CREATE TABLE p_1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
      'INSERT INTO p SELECT (enum_range(NULL::colour))[n % 3 + 1], n FROM generate_series(1, 100) n',
      'CREATE TABLE a_lookup (id int)',
      'INSERT INTO a_lookup SELECT generate_series(1, 10)',
      "CREATE FUNCTION known(k int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT EXISTS (SELECT FROM public.a_lookup WHERE id = k)'",
      'CREATE TABLE b_data (k int, there boolean GENERATED ALWAYS AS (known(k)) STORED)',
      'INSERT INTO b_data SELECT n % 12 FROM generate_series(1, 20000) n',
      "CREATE TABLE large AS SELECT repeat('a', 100000)::bytea AS b, repeat('b', 100000) AS t",
      "SELECT lo_from_bytea(20000, repeat('a', 3000000)::bytea)",
      "COMMENT ON LARGE OBJECT 20000 IS 'kept'",
      'CREATE TABLE expressions AS SELECT oid, adbin FROM pg_attrdef LIMIT 1',
      'CREATE STATISTICS s ON (10 / n), c FROM p_0',
      'UPDATE p SET n = 0 WHERE n = 3',
    ],
    look: async (copy) =>
      expect(
        await runEach(copy, ['SELECT oid::int, length(lo_get(oid)) AS bytes FROM pg_largeobject_metadata']),
      ).toEqual([{ oid: 20000, bytes: 3_000_000 }]),
  });
  expect(reason).toContain('checks passed');
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  expect(leftOut).toContain('values that no server reads back (public.expressions.adbin)');
}, 60_000);
