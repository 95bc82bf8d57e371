import { expect, test } from 'vitest';
import { RowTooLarge } from '../../../shared/database/engine.ts';
import { runEach, useServers } from '../databases/servers.ts';
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
  120_000,
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
