import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

const VIEW = [
  'CREATE TABLE x (t text)',
  "INSERT INTO x VALUES ('01/02/03')",
  'CREATE MATERIALIZED VIEW m AS SELECT t::date AS d FROM x',
];
const CHECKED = [
  "CREATE FUNCTION day(text) RETURNS date IMMUTABLE LANGUAGE sql AS 'SELECT $1::date'",
  'CREATE TABLE c (t text CHECK (t::date IS NOT NULL), d date GENERATED ALWAYS AS (public.day(t)) STORED)',
  "INSERT INTO c (t) VALUES ('12/31/2025')",
  'CREATE INDEX ON c (public.day(t))',
];
const DAY = "SELECT to_char(d, 'YYYY-MM-DD') AS day FROM";

fieldCase('A16', async (now) => {
  const { verdict, reason } = await servers.backUpAndRestore({
    statements: VIEW,
    look: async (copy) => expect(await runEach(copy, [`${DAY} m`])).toEqual([{ day: '2003-01-02' }]),
  });
  expect(verdict, reason).toBe('verified');
  now("equal: views are filled under the source's own settings");
});

fieldCase('A17', async (now) => {
  const { verdict, reason } = await servers.backUpAndRestore({
    statements: CHECKED,
    look: async (copy) => expect(await runEach(copy, [`${DAY} c`])).toEqual([{ day: '2025-12-31' }]),
  });
  expect(verdict, reason).toBe('verified');
  now("verified: rows and indexes are computed under the source's own settings");
});

test('settings of the database and of the role that owns its tables are the ones to compute under', async () => {
  const source = await servers.newDatabase();
  await runEach(servers.source.superuser(), [
    `ALTER DATABASE "${source.database}" SET DateStyle = 'SQL, DMY'`,
    `ALTER DATABASE "${source.database}" SET search_path = parts, public`,
    `ALTER DATABASE "${source.database}" SET TimeZone = 'Asia/Kolkata'`,
    `ALTER ROLE "${source.user}" SET TimeZone = 'America/New_York'`,
    `ALTER ROLE "${source.user}" IN DATABASE "${source.database}" SET bytea_output = escape`,
  ]);
  const asked = "SELECT to_char(d, 'YYYY-MM-DD') AS d, at, raw FROM public.m";
  const { verdict, reason, manifest } = await servers.backUpAndRestore({
    source,
    statements: [
      'CREATE SCHEMA parts',
      "CREATE FUNCTION parts.known(text) RETURNS boolean LANGUAGE sql AS $$SELECT $1::date > '2000-01-01'$$",
      'CREATE FUNCTION public.fine(text) RETURNS boolean LANGUAGE sql AS $$SELECT known($1)$$',
      'CREATE TABLE public.x (t text CHECK (public.fine(t)), at timestamptz, b bytea, kind regclass, a text[])',
      String.raw`INSERT INTO public.x VALUES ('31/12/2025', '2025-06-01 00:30Z', '\x5c00', 'pg_class', '{a,NULL}')`,
      'CREATE MATERIALIZED VIEW public.m AS SELECT t::date AS d, at::timestamp::text AS at, b::text AS raw FROM public.x',
    ],
    look: async (copy) => {
      const [found] = await runEach(copy, [asked]);
      expect(found).toEqual({ d: '2025-12-31', at: '31/05/2025 20:30:00', raw: String.raw`\\\000` });
      expect([found]).toEqual(await runEach(source, [asked]));
    },
  });
  expect(verdict, reason).toBe('verified');
  expect(manifest.source.settings).toMatchObject({
    DateStyle: 'SQL, DMY',
    TimeZone: 'America/New_York',
    bytea_output: 'escape',
    search_path: 'parts, public',
    standard_conforming_strings: 'on',
  });
});

test('functions written for other rules of strings are computed by those rules', async () => {
  const source = await servers.newDatabase();
  await runEach(servers.source.superuser(), [
    `ALTER DATABASE "${source.database}" SET standard_conforming_strings = off`,
    `ALTER DATABASE "${source.database}" SET transform_null_equals = on`,
  ]);
  const { verdict, reason } = await servers.backUpAndRestore({
    source,
    statements: [
      String.raw`CREATE FUNCTION lines(text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$BEGIN
        IF $1 = NULL THEN RETURN -1; END IF; RETURN length($1 || '\n'); END$f$`,
      'CREATE TABLE x (t text, n int GENERATED ALWAYS AS (public.lines(t)) STORED)',
      "INSERT INTO x VALUES ('ab'), (NULL)",
    ],
    look: async (copy) =>
      expect(await runEach(copy, ['SELECT n FROM x ORDER BY n'])).toEqual([{ n: -1 }, { n: 3 }]),
  });
  expect(verdict, reason).toBe('verified');
});
