import { describe, expect, test } from 'vitest';
import { DatabaseUnreachable } from '../../shared/database/engine.ts';
import { RehydrationInvalid } from '../../shared/rehydration/answer.ts';
import type { Destination } from '../../shared/rehydration/destination.ts';
import { fill, jobs, ledgerRecords, NOTHING, newQueue } from './support/rehydration.ts';
import { accessOf, newDatabase, run, untilNot } from './support/servers.ts';

describe('what a query answers', () => {
  const row = (columns: string, from = '') => `SELECT ${columns} ${from}`;
  const GOOD = `SELECT 'k' || n AS key, 'body' AS body FROM generate_series(1, 200) n`;

  test.each([
    ['has no key', row("'x' AS id, 'b' AS body"), /no column "key" \(it has: id, body\)/],
    ['has no body', row("'x' AS key"), /no column "body" \(it has: key\)/],
    ['has two keys', row("1 AS key, 2 AS key, 'b' AS body"), /more than one column "key"/],
    [
      'has a null key at its end',
      `${GOOD} UNION ALL SELECT NULL, 'b'`,
      /row 201 of its answer: its "key" is null/,
    ],
    ['has an empty key', `${GOOD} UNION ALL SELECT '', 'b'`, /row 201 .* its "key" is empty/],
    ['has a key twice', `${GOOD} UNION ALL SELECT 'k17', 'other'`, /row 201 .* "key" is that of row 17: k17/],
    ['has a null body', `${GOOD} UNION ALL SELECT 'x', NULL`, /row 201 .* its "body" is null/],
    ['has an empty body', `${GOOD} UNION ALL SELECT 'x', ''`, /row 201 .* its "body" is empty/],
    [
      'has a body that is too long',
      `${GOOD} UNION ALL SELECT 'x', repeat('é', 131072)`,
      /row 201 .* have 262145 bytes, more than 262108/,
    ],
    [
      'has a body with a control character',
      `${GOOD} UNION ALL SELECT 'x', E'\\x01'`,
      /row 201 .* "body" has a control character/,
    ],
    ['has bytes', row("'x' AS key, '\\x00'::bytea AS body"), /"body" is a bytea/],
    ['is none: it does not parse', 'SELECT 1 FORM x', /syntax error at or near "x"/],
    ['is none: its table is missing', 'SELECT key, body FROM lost', /relation "lost" does not exist/],
    [
      'is none: it writes',
      `WITH gone AS (DELETE FROM kept RETURNING 1) SELECT 1 AS key, 'b' AS body`,
      /data-modifying statement must be at the top level/,
    ],
    ['is none: it calls what writes', "SELECT write() AS key, 'b' AS body", /read-only transaction/],
    ['is none: it is two', `${GOOD}; DELETE FROM kept`, /syntax error at or near ";"/],
    ['is none: it leaves the subquery', `${GOOD}) x; SELECT * FROM (SELECT 1`, /multiple commands/],
    ['is none: a value cannot be read', `${GOOD} UNION ALL SELECT (1/0)::text, ''`, /division by zero/],
  ])('is refused where it %s, and nothing is sent', async (_, sql, words) => {
    const place = await newQueue(false);
    const database = await newDatabase();
    await run(
      database,
      'CREATE TABLE kept (id int)',
      'INSERT INTO kept VALUES (1)',
      'CREATE FUNCTION write() RETURNS int LANGUAGE sql AS $$ DELETE FROM kept RETURNING 1 $$',
    );
    const filling = fill(place, database, { sql });
    await expect(filling).rejects.toThrow(RehydrationInvalid);
    await expect(filling).rejects.toThrow(words);
    expect(await place.take()).toEqual([]);
    expect(await ledgerRecords(place.rehydration)).toBe(0);
    expect(await run(database, 'SELECT FROM kept')).toHaveLength(1);
  });

  test.each([
    ['no group', "SELECT 'x' AS key, 'b' AS body", /no column "group"/],
    ['a null group', `SELECT 'x' AS key, 'b' AS body, NULL AS "group"`, /row 1 .* its "group" is null/],
    [
      'a group with a space',
      `SELECT 'x' AS key, 'b' AS body, 'a b' AS "group"`,
      /row 1 .* its "group" is none of SQS/,
    ],
    [
      'a group that is too long',
      `SELECT 'x' AS key, 'b' AS body, repeat('g', 129) AS "group"`,
      /row 1 .* its "group" is none of SQS/,
    ],
  ])('is refused for a FIFO queue where it has %s', async (_, sql, words) => {
    const place = await newQueue(true);
    const filling = fill(place, await newDatabase(), { sql });
    await expect(filling).rejects.toThrow(RehydrationInvalid);
    await expect(filling).rejects.toThrow(words);
    expect(await place.take()).toEqual([]);
  });

  test.each([
    ['a semicolon', `${GOOD} ;\n`],
    ['a comment', `${GOOD} -- all of them`],
    [
      'keys of another type',
      `SELECT n::bigint AS key, json_build_object('n', n) AS body FROM generate_series(1, 200) n`,
    ],
    [
      'keys that differ in case or in white space',
      `SELECT * FROM (VALUES ('a', 'b'), ('A', 'b'), ('a ', 'b')) AS v (key, body) UNION ALL
       SELECT n::text, 'b' FROM generate_series(1, 197) n`,
    ],
  ])('is taken with %s', async (_, sql) => {
    expect(await fill(await newQueue(false), await newDatabase(), { sql, dryRun: true })).toMatchObject({
      rows: 200,
    });
  });

  test('is asked for once: rows that differ each time are checked and sent as the same', async () => {
    const place = await newQueue(false);
    const sql = `SELECT gen_random_uuid() AS key, random()::text AS body FROM generate_series(1, 250)`;
    expect(await fill(place, await newDatabase(), { sql })).toMatchObject({ rows: 250, sent: 250 });
    const taken = await place.take();
    expect(new Set(taken.map(({ id }) => id)).size).toBe(250);
  });

  test('may be nothing', async () => {
    const sql = "SELECT 'x' AS key, 'b' AS body WHERE false";
    expect(await fill(await newQueue(false), await newDatabase(), { sql })).toEqual({ ...NOTHING, rows: 0 });
  });

  test('holds no snapshot of the source while it is sent', async () => {
    const place = await newQueue(false);
    const database = await jobs(150);
    const destination = await place.open();
    const snapshots: unknown[] = [];
    const looking: Destination = {
      ...destination,
      async put(messages, signal) {
        snapshots.push(
          ...(await run(
            database,
            "SELECT state, backend_xmin FROM pg_stat_activity WHERE application_name = 'lifeboat rehydration' AND datname = current_database()",
          )),
        );
        return destination.put(messages, signal);
      },
    };
    await fill(place, database, { destination: looking });
    expect(snapshots).toEqual([
      { state: 'idle', backend_xmin: null },
      { state: 'idle', backend_xmin: null },
    ]);
  });

  test('cannot be had from a database that is away, or that goes', async () => {
    const place = await newQueue(false);
    const database = await jobs(250);
    const away = fill(place, database, { access: { ...accessOf(database), port: 1 } });
    await expect(away).rejects.toThrow(DatabaseUnreachable);
    const destination = await place.open();
    const throwingOut: Destination = {
      ...destination,
      async put(messages, signal) {
        await run(
          database,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat rehydration' AND datname = current_database()",
        );
        return destination.put(messages, signal);
      },
    };
    await expect(fill(place, database, { destination: throwingOut })).rejects.toThrow(DatabaseUnreachable);
    expect(await fill(place, database)).toMatchObject({ sent: 150, alreadySent: 100 });
    await untilNot(database, "application_name = 'lifeboat rehydration'");
  });
});
