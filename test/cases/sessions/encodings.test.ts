import type { Connection } from 'local-postgres/access';
import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

/** A new, empty database in an encoding of its own. */
async function databaseIn(encoding: string): Promise<Connection> {
  const made = await servers.newDatabase();
  const admin = servers.source.superuser();
  await runEach(admin, [
    `DROP DATABASE "${made.database}"`,
    `CREATE DATABASE "${made.database}" OWNER "${made.user}" TEMPLATE template0 ENCODING '${encoding}' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
  ]);
  return made;
}

/** The bytes of a text column, in order. */
const bytesOf = (column: string, table: string) =>
  `SELECT encode(convert_to(${column}, getdatabaseencoding()::name), 'hex') AS bytes FROM ${table} ORDER BY 1`;

async function backUp(encoding: string, statements: string[], rows: 'binary' | 'text', asked: string[]) {
  const source = await databaseIn(encoding);
  const found: unknown[] = [];
  const outcome = await servers.backUpAndRestore({
    source,
    statements,
    rows,
    look: async (copy) => {
      for (const sql of asked) {
        const restored = await runEach(copy, [sql]);
        expect(restored).toEqual(await runEach(source, [sql]));
        found.push(restored);
      }
    },
  });
  return { ...outcome, found };
}

fieldCase('A7', async (now) => {
  for (const rows of ['binary', 'text'] as const) {
    const bytes = await backUp(
      'SQL_ASCII',
      [
        'CREATE TABLE t (v text, a text[])',
        String.raw`INSERT INTO t SELECT convert_from(b, 'SQL_ASCII'), ARRAY[convert_from(b, 'SQL_ASCII'), NULL]
          FROM (VALUES ('\xff'::bytea), ('\xc3a9'), ('\x5c6e'), ('\x8090')) v (b)`,
      ],
      rows,
      [bytesOf('v', 't'), bytesOf('a[1]', 't')],
    );
    expect(bytes.verdict, bytes.reason).toBe('verified');
    expect(bytes.found[0]).toEqual([
      { bytes: '5c6e' },
      { bytes: '8090' },
      { bytes: 'c3a9' },
      { bytes: 'ff' },
    ]);
    const windows = await backUp(
      'WIN1252',
      ['CREATE TABLE t (v text)', 'INSERT INTO t SELECT chr(n) FROM generate_series(128, 255) n'],
      rows,
      [bytesOf('v', 't')],
    );
    expect(windows.verdict, windows.reason).toBe('verified');
    expect(windows.found[0]).toContainEqual({ bytes: '81' });
  }
  now("verified, both: rows travel in the database's own encoding, byte for byte");
});

test.each(['LATIN1', 'LATIN9', 'WIN1252', 'EUC_JP', 'EUC_KR', 'KOI8R', 'SQL_ASCII', 'UTF8'])(
  'names and texts of a database in %s come back',
  async (encoding) => {
    const word = { EUC_JP: '日本', EUC_KR: '한국', KOI8R: 'привет' }[encoding] ?? 'größe';
    const { verdict, reason } = await backUp(
      encoding,
      [
        `CREATE SCHEMA "${word}"`,
        `CREATE TYPE "${word}"."${word}" AS ENUM ('${word}', 'b')`,
        `CREATE TABLE "${word}"."a ""${word}\\n" ("${word}" text DEFAULT '${word}', e "${word}"."${word}", x xml, j json, r regclass)`,
        `INSERT INTO "${word}"."a ""${word}\\n" SELECT '${word}' || n, '${word}', '<a>${word}</a>', '{"${word}": 1}', '"${word}"."a ""${word}\\n"' FROM generate_series(1, 50) n`,
        `CREATE INDEX "${word}_i" ON "${word}"."a ""${word}\\n" ("${word}")`,
        `COMMENT ON COLUMN "${word}"."a ""${word}\\n"."${word}" IS '${word}'`,
        `CREATE SEQUENCE "${word}"."s ${word}"`,
      ],
      'binary',
      [bytesOf(`"${word}"`, `"${word}"."a ""${word}\\n"`)],
    );
    expect(verdict, reason).toBe('verified');
  },
);

test('a definition whose bytes are no text in UTF-8 is refused with the reason', async () => {
  const source = await databaseIn('WIN1252');
  await runEach(source, [
    'CREATE TABLE t (v text)',
    "DO $$BEGIN EXECUTE 'COMMENT ON TABLE t IS ''' || chr(129) || ''''; END$$",
  ]);
  await expect(servers.takeBackup(source)).rejects.toThrow(/0x81.*WIN1252.*UTF8/);
});
