import { expect, test } from 'vitest';
import { RowTooLarge } from '../../../shared/database/engine.ts';
import { connect } from '../../../shared/database/postgres/connect.ts';
import { fingerprintTable } from '../../../shared/database/postgres/fingerprint.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();
const MEGABYTE = 1_000_000;

/** The most memory that this program used while `work` ran, beyond what it used before. In bytes. */
async function memoryOf<T>(work: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  try {
    return { result: await work(), bytes: most - before };
  } finally {
    clearInterval(watch);
  }
}

fieldCase(
  'A10',
  async (now) => {
    const { result, bytes } = await memoryOf(() =>
      servers.backUpAndRestore({
        statements: [
          'CREATE TABLE f (id int, b bytea)',
          "INSERT INTO f SELECT 1, repeat('a', 540000000)::bytea",
        ],
        look: async (copy) =>
          expect(
            await runEach(copy, [
              "SELECT octet_length(b) AS n, b = repeat('a', 540000000)::bytea AS same FROM f",
            ]),
          ).toEqual([{ n: 540_000_000, same: true }]),
      }),
    );
    expect(result.failed).toEqual([]);
    expect(result.verdict).toBe('verified');
    // A few blocks per connection, whatever the size of a value.
    expect(bytes).toBeLessThan(250 * MEGABYTE);
    now(`verified, with ${Math.round(bytes / MEGABYTE)} MB of memory`);
  },
  { timeoutMs: 120_000 },
);

test.each([
  ['binary', 550_000_000],
  ['text', 0],
] as const)(
  'a row that PostgreSQL cannot write in %s is named, with its size',
  async (rows, more) => {
    const refused = servers.backUpAndRestore({
      statements: [
        'CREATE TABLE "Big" (id int, b bytea, c bytea)',
        `INSERT INTO "Big" SELECT n, 'small', '' FROM generate_series(1, 10) n`,
        "INSERT INTO \"Big\" SELECT 11, repeat('a', 540000000)::bytea, ''",
        ...(more > 0 ? [`UPDATE "Big" SET c = repeat('a', ${more})::bytea WHERE id = 11`] : []),
      ],
      rows,
    });
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RowTooLarge);
    expect(String(error)).toContain('public."Big": PostgreSQL cannot write its row at ctid (0,1');
    expect(String(error)).toContain('540 MB in "b"');
  },
  120_000,
);

test('every change of a large row shows in its fingerprint', async () => {
  const source = await servers.newDatabase();
  const big = "repeat('a', 100000)";
  await runEach(source, [
    'CREATE TABLE f (id int, a text, b text, y bytea, z bytea, j jsonb, l text[], p varchar(200000))',
    `INSERT INTO f VALUES (1, ${big}, 'b', ${big}::bytea, 'z', to_jsonb(${big}), ARRAY[${big}], ${big}),
       (2, ${big}, NULL, NULL, ${big}::bytea, NULL, NULL, ''), (3, '', ${big}, '', NULL, '{}', '{}', NULL)`,
  ]);
  const client = await connect(accessOf(source), 'test');
  const of = () => fingerprintTable(client, { schema: 'public', name: 'f' });
  const before = await of();
  for (const mutation of [
    "UPDATE f SET a = overlay(a PLACING 'x' FROM 50000) WHERE id = 1",
    'UPDATE f SET a = b, b = a WHERE id = 1',
    'UPDATE f SET y = z, z = y WHERE id = 1',
    'UPDATE f SET y = set_byte(y, 99999, 7) WHERE id = 1',
    "UPDATE f SET b = '' WHERE id = 2",
    "UPDATE f SET y = '' WHERE id = 2",
    'UPDATE f SET y = NULL WHERE id = 3',
    "UPDATE f SET j = 'null' WHERE id = 2",
    "UPDATE f SET l = '{}' WHERE id = 2",
    'UPDATE f SET l = NULL WHERE id = 3',
    "UPDATE f SET l = l || 'x'::text WHERE id = 1",
    "UPDATE f SET p = p || ' ' WHERE id = 1",
    'UPDATE f SET id = id + 1',
    'UPDATE f SET a = (SELECT b FROM f WHERE id = 3) WHERE id = 3',
    'INSERT INTO f SELECT * FROM f WHERE id = 1',
  ]) {
    await client.query(`BEGIN; SET LOCAL search_path = public; ${mutation}`);
    expect(await of(), mutation).not.toEqual(before);
    await client.query('ROLLBACK');
  }
  expect(await of()).toEqual(before);
  await client.end();
});
