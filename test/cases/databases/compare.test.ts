import type { Connection } from 'local-postgres/access';
import { beforeAll, describe, expect, test } from 'vitest';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { createCompareWithSource } from '../../../shared/handover/compare-with-source.ts';
import { accessOf, runEach, useServers } from './servers.ts';

const clock = { now: () => new Date() };
const compareWithSource = createCompareWithSource({ ...postgresEngine, clock });

/** A restored copy beside a source in which people go on working. */
describe.each([14, 18] as const)('a copy against its live source on PostgreSQL %d', (major) => {
  const servers = useServers({ source: major, scratch: major });
  let source: Connection;
  let copy: Connection;

  const both = async (...statements: string[]) => {
    await runEach(source, statements);
    await runEach(copy, statements);
  };
  const compare = (request: Partial<Parameters<typeof compareWithSource>[0]> = {}) =>
    compareWithSource({
      source: accessOf(source),
      copy: accessOf(copy),
      only: [],
      after: null,
      connections: 2,
      until: new Date(Date.now() + 60_000),
      signal: new AbortController().signal,
      ...request,
    });
  const table = (name: string) => ({ table: `public.${name}` });
  const same = { outcome: 'same', lacking: 0, extra: 0, changed: 0 };

  beforeAll(async () => {
    [source, copy] = [await servers.newDatabase(), await servers.newDatabase()];
    await both(
      "CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'grey')",
      'CREATE TABLE big (id int PRIMARY KEY, v text)',
      "INSERT INTO big SELECT n, 'v' || n FROM generate_series(1, 20000) n",
      'CREATE TABLE keyless (v text)',
      "INSERT INTO keyless SELECT 'same' FROM generate_series(1, 5)",
      'CREATE TABLE two (a text NOT NULL, b int NOT NULL, v int, UNIQUE (b, a))',
      "INSERT INTO two VALUES ('x', 1, 1), ('x', 2, 1), ('y', 1, 1)",
      'CREATE TABLE untouched (id int PRIMARY KEY, v jsonb)',
      `INSERT INTO untouched SELECT n, '{"a": 1}' FROM generate_series(1, 100) n`,
      'CREATE TABLE hashed (c colour, n int, PRIMARY KEY (c, n)) PARTITION BY HASH (c)',
      ...[0, 1].map(
        (n) => `CREATE TABLE hashed_${n} PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER ${n})`,
      ),
      'INSERT INTO hashed SELECT (enum_range(NULL::colour))[n % 4 + 1], n FROM generate_series(1, 400) n',
      'CREATE TABLE "Odd ""Name""" ("select" int PRIMARY KEY, "Größe" text)',
      `INSERT INTO "Odd ""Name""" VALUES (1, 'ä')`,
      'CREATE TABLE nothing ()',
      'CREATE TABLE more (id int PRIMARY KEY, v int)',
      'INSERT INTO more VALUES (1, 1), (2, 2)',
    );
    // What people did since the recovery point.
    await runEach(source, [
      "INSERT INTO big SELECT n, 'new' FROM generate_series(20001, 20007) n",
      'DELETE FROM big WHERE id <= 3',
      "UPDATE big SET v = 'changed' WHERE id BETWEEN 100 AND 104",
      "INSERT INTO keyless VALUES ('same'), ('other')",
      'UPDATE two SET v = 2 WHERE b = 2',
      "INSERT INTO hashed VALUES ('red', 1000)",
      `UPDATE "Odd ""Name""" SET "Größe" = 'ö'`,
      'CREATE TABLE since (id int)',
      'INSERT INTO since VALUES (1), (2)',
      'ALTER TABLE more ADD COLUMN added int DEFAULT 7',
      'UPDATE more SET v = 3 WHERE id = 2',
    ]);
    await runEach(copy, ['CREATE TABLE scratchpad (id int)', 'INSERT INTO scratchpad VALUES (1)']);
  });

  test('lists the rows that each table lacks, has too many, or has with other values', async () => {
    const { tables, next, total } = await compare();
    expect({ next, total }).toEqual({ next: null, total: tables.length });
    expect(tables).toEqual([
      {
        table: 'public."Odd ""Name"""',
        outcome: 'differs',
        sourceRows: '1',
        copyRows: '1',
        lacking: 0,
        extra: 0,
        changed: 1,
      },
      {
        ...table('big'),
        outcome: 'differs',
        sourceRows: '20004',
        copyRows: '20000',
        lacking: 7,
        extra: 3,
        changed: 5,
      },
      {
        ...table('hashed'),
        outcome: 'differs',
        sourceRows: '401',
        copyRows: '400',
        lacking: 1,
        extra: 0,
        changed: 0,
      },
      {
        ...table('keyless'),
        outcome: 'differs',
        sourceRows: '7',
        copyRows: '5',
        lacking: 2,
        extra: 0,
        changed: null,
      },
      {
        ...table('more'),
        outcome: 'differs',
        sourceRows: '2',
        copyRows: '2',
        lacking: 0,
        extra: 0,
        changed: 1,
      },
      { ...table('nothing'), ...same, sourceRows: '0', copyRows: '0' },
      {
        ...table('scratchpad'),
        outcome: 'only in the copy',
        sourceRows: null,
        copyRows: '1',
        lacking: null,
        extra: null,
        changed: null,
      },
      {
        ...table('since'),
        outcome: 'only in the source',
        sourceRows: '2',
        copyRows: null,
        lacking: null,
        extra: null,
        changed: null,
      },
      {
        ...table('two'),
        outcome: 'differs',
        sourceRows: '3',
        copyRows: '3',
        lacking: 0,
        extra: 0,
        changed: 1,
      },
      { ...table('untouched'), ...same, sourceRows: '100', copyRows: '100' },
    ]);
  });

  test('lists how the definitions differ', async () => {
    const { schema } = await compare();
    expect(schema?.differences.sort()).toEqual([
      'TABLE public.more',
      'TABLE public.scratchpad',
      'TABLE public.since',
    ]);
  });

  test('goes on where it was when its time was over', async () => {
    const past = new Date(0);
    const names: string[] = [];
    let calls = 0;
    for (let after: string | null = null; calls === 0 || after !== null; calls += 1) {
      const found = await compare({ after, until: past, connections: 3 });
      expect(found.schema === null).toBe(after !== null);
      names.push(...found.tables.map((each) => each.table));
      after = found.next;
    }
    expect(calls).toBe(4);
    expect(names).toEqual((await compare()).tables.map((each) => each.table));
  });

  test('of which only a part was restored is compared with that part', async () => {
    const found = await compare({ only: ['public.more'], connections: 9 });
    expect(found.tables.map((each) => each.table)).not.toContain('public.since');
    expect(found.schema?.differences).toContain('TABLE public.more');
    expect(found.schema?.differences).not.toContain('TABLE public.since');
  });

  test('leaves nothing open', async () => {
    await compare();
    const open = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'lifeboat%' AND datname = current_database()`;
    expect(await runEach(source, [open])).toEqual([{ n: 0 }]);
    expect(await runEach(copy, [open])).toEqual([{ n: 0 }]);
  });
});
