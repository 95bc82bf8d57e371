import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readScript, ScriptUnreadable } from '../../../../local/sql-script/read-script.ts';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sql-script-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(content: string | Buffer, extension = 'sql'): Promise<string> {
  const file = path.join(folder, `${++files}.${extension}`);
  await writeFile(file, content);
  return file;
}

/** Statements as `line: text`, rows of a COPY behind its statement. */
async function piecesOf(content: string | Buffer, extension?: string): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of readScript(await write(content, extension))) {
    pieces.push(`${piece.line}: ${piece.text}`);
    if (piece.kind === 'copy') pieces.push(Buffer.concat(await Array.fromAsync(piece.rows)).toString());
  }
  return pieces;
}

describe('a SQL script', () => {
  test.each<[string, string, string[]]>([
    ['two statements on a line', 'SELECT 1; SELECT 2;', ['1: SELECT 1;', '1: SELECT 2;']],
    ['a last statement without a semicolon', 'SELECT 1;\nSELECT 2\n', ['1: SELECT 1;', '2: SELECT 2']],
    ['a string with a semicolon', "SELECT 'a;''b';SELECT 2;", ["1: SELECT 'a;''b';", '1: SELECT 2;']],
    ['a backslash in a plain string', "SELECT 'a\\';SELECT 2;", ["1: SELECT 'a\\';", '1: SELECT 2;']],
    ['an escape string', "SELECT E'a\\';';SELECT 2;", ["1: SELECT E'a\\';';", '1: SELECT 2;']],
    [
      'a word that ends in e before a string',
      "SELECT date'a\\';SELECT 2;",
      ["1: SELECT date'a\\';", '1: SELECT 2;'],
    ],
    ['a quoted name', 'SELECT 1 AS "a;""b";SELECT 2;', ['1: SELECT 1 AS "a;""b";', '1: SELECT 2;']],
    [
      'dollar quotes in dollar quotes',
      'DO $a$ x $b$; $b$ $a$;SELECT 2;',
      ['1: DO $a$ x $b$; $b$ $a$;', '1: SELECT 2;'],
    ],
    ['a dollar inside a name', 'SELECT a$b$c;SELECT 2;', ['1: SELECT a$b$c;', '1: SELECT 2;']],
    ['a parameter', 'PREPARE p AS SELECT $1;SELECT 2;', ['1: PREPARE p AS SELECT $1;', '1: SELECT 2;']],
    [
      'comments in comments',
      'SELECT /* ; /* ; */ ; */ 1;SELECT 2;',
      ['1: SELECT /* ; /* ; */ ; */ 1;', '1: SELECT 2;'],
    ],
    [
      'a comment to the end of the line',
      'SELECT 1 -- ; \' "\n;SELECT 2;',
      ['1: SELECT 1 -- ; \' "\n;', '2: SELECT 2;'],
    ],
    [
      'a rule with several actions',
      'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);SELECT 3;',
      ['1: CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);', '1: SELECT 3;'],
    ],
    [
      'a function with a SQL body',
      'CREATE OR REPLACE FUNCTION f() RETURNS int\nBEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\nSELECT 3;',
      [
        '1: CREATE OR REPLACE FUNCTION f() RETURNS int\nBEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;',
        '3: SELECT 3;',
      ],
    ],
    ['a transaction', 'BEGIN; SELECT 1; END;', ['1: BEGIN;', '1: SELECT 1;', '1: END;']],
    ['names of other alphabets', 'SELECT größe, 名;SELECT 2;', ['1: SELECT größe, 名;', '1: SELECT 2;']],
    ['line breaks of Windows', "SELECT 'a';\r\nSELECT 2;\r\n", ["1: SELECT 'a';", '2: SELECT 2;']],
    ['a byte order mark', '\uFEFFSELECT 1;', ['1: SELECT 1;']],
    ['what pg_dump restricts psql with', '\\restrict x\nSELECT 1;\n\\unrestrict x\n', ['2: SELECT 1;']],
    ['a text that looks like a psql command', "SELECT '\n\\connect x\n';", ["1: SELECT '\n\\connect x\n';"]],
    ['nothing', '-- only a comment\n\n', []],
  ])('with %s', async (_, content, pieces) => {
    expect(await piecesOf(content)).toEqual(pieces);
  });

  test('with rows, which may look like SQL, and with no rows', async () => {
    const content =
      'COPY t (a) FROM stdin;\n1;\t\'$x$\n\\\\.\n\\.\nCOPY "FROM stdin" FROM STDIN WITH (FORMAT csv);\n\\.\r\nSELECT 1;\n';
    expect(await piecesOf(content)).toEqual([
      '1: COPY t (a) FROM stdin;',
      "1;\t'$x$\n\\\\.\n",
      '5: COPY "FROM stdin" FROM STDIN WITH (FORMAT csv);',
      '',
      '7: SELECT 1;',
    ]);
  });

  test('goes on behind rows that its reader left', async () => {
    const lines: number[] = [];
    for await (const { line } of readScript(await write('COPY t FROM stdin;\n1\n2\n\\.\nSELECT 1;')))
      lines.push(line);
    expect(lines).toEqual([1, 5]);
  });

  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ])('that is compressed as .%s', async (extension, compress) => {
    const rows = 'x\n'.repeat(300_000);
    const pieces = await piecesOf(
      compress(Buffer.from(`COPY t FROM stdin;\n${rows}\\.\n`)),
      `sql.${extension}`,
    );
    expect(pieces).toEqual(['1: COPY t FROM stdin;', rows]);
  });

  test.each<[string, string | Buffer, string]>([
    [
      'a psql command',
      'SELECT 1;\n\\connect shop\n',
      ':2: expected SQL, found the psql command "\\\\connect shop"',
    ],
    [
      'an archive',
      Buffer.from('PGDMP\x01\x10'),
      'is an archive of pg_dump. Expected a SQL script: pg_restore -f my.sql',
    ],
    [
      'a tar archive',
      Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar')]),
      'is an archive of pg_dump',
    ],
    ['UTF-16', Buffer.from('\uFEFFSELECT 1;', 'utf16le'), "is UTF-16, as PowerShell's"],
    ['other bytes', Buffer.from([0x53, 0xff, 0x3b]), ':1: expected UTF-8'],
    [
      'a string without an end',
      "SELECT 1;\nSELECT 'a;\n",
      ":2: what is opened here or below is never closed: a string ('…')",
    ],
    [
      'parentheses without an end',
      'SELECT (1;\n',
      ':1: what is opened here or below is never closed: parentheses',
    ],
    ['rows without an end', 'COPY t FROM stdin;\n1\n', ':1: the rows of this COPY never end'],
  ])('that holds %s is refused', async (_, content, message) => {
    await expect(piecesOf(content)).rejects.toThrow(ScriptUnreadable);
    await expect(piecesOf(content)).rejects.toThrow(message);
  });

  test('that is missing, or a folder, is refused', async () => {
    const read = (file: string) => Array.fromAsync(readScript(file));
    await expect(read(path.join(folder, 'missing.sql'))).rejects.toThrow(/^there is no file .*missing\.sql$/);
    await expect(read(folder)).rejects.toThrow(/is a folder.*pg_restore -f my\.sql/);
  });
});
