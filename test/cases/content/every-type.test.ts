import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';
import { NEVER_READ_BACK, VALUES_OF_EVERY_TYPE } from './values-of-every-type.ts';

const servers = useServers();

/** Each row as PostgreSQL writes it, in order. */
const rowsOf = (table: string) =>
  `SELECT pg_catalog.json_agg(t.*::text ORDER BY t.*::text) AS rows FROM ${table} t`;

fieldCase('A4', async (now) => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: [
      "CREATE TABLE f AS SELECT proname, proargtypes FROM pg_proc WHERE proname IN ('now', 'lower')",
    ],
    look: async (copy, source) =>
      expect(await runEach(copy, [rowsOf('f')])).toEqual(await runEach(source, [rowsOf('f')])),
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  now('verified: the table travels as text');
});

test('every base type of the server comes back with odd values, alone, in arrays, domains, composites and ranges', async () => {
  const types = await runEach<{ name: string; ranged: boolean }>(servers.source.superuser(), [
    `SELECT typname AS name, EXISTS (SELECT FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod
       WHERE a.amname = 'btree' AND o.opcdefault AND o.opcintype = t.oid) AS ranged
     FROM pg_type t WHERE typtype = 'b' AND typnamespace = 'pg_catalog'::regnamespace AND typinput <> 'array_in'::regproc`,
  ]);
  const tables = types.filter(({ name }) => !NEVER_READ_BACK.has(name));
  expect(tables.map(({ name }) => name).filter((name) => !VALUES_OF_EVERY_TYPE[name])).toEqual([]);
  const statements = tables.flatMap(({ name, ranged }) => {
    const values = VALUES_OF_EVERY_TYPE[name] ?? [];
    const type = `pg_catalog."${name}"`;
    return [
      `CREATE DOMAIN "${name} domain" AS ${type}`,
      `CREATE TYPE "${name} pair" AS (a ${type}, b "${name} domain"[], c int)`,
      ...(ranged ? [`CREATE TYPE "${name} range" AS RANGE (subtype = ${type})`] : []),
      `CREATE TABLE "of ${name}" (v ${type}, d "${name} domain", a ${type}[], p "${name} pair"
         ${ranged ? `, r "${name} range", m "${name} multirange"` : ''})`,
      `INSERT INTO "of ${name}" VALUES (NULL), (NULL)`,
      ...values.map((value) => {
        const one = `(${value})::${type}`;
        const range = ranged
          ? `, "${name} range"(${one}, NULL), "${name} multirange"("${name} range"(NULL, ${one}))`
          : '';
        return `INSERT INTO "of ${name}" VALUES (${one}, ${one}, array_fill(${one}, ARRAY[2, 1], ARRAY[-3, 7]), ROW(${one}, ARRAY[NULL, ${one}], NULL)${range})`;
      }),
    ];
  });
  const { verdict, reason, failed } = await servers.backUpAndRestore({
    statements: ['CREATE TABLE "Odd Table" ()', ...statements],
    look: async (copy, source) => {
      for (const { name } of tables)
        expect(await runEach(copy, [rowsOf(`"of ${name}"`)]), name).toEqual(
          await runEach(source, [rowsOf(`"of ${name}"`)]),
        );
    },
  });
  expect(reason).toMatch(/checks passed/);
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
}, 60_000);
