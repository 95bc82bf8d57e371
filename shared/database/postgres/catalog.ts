import type pg from 'pg';
import type { DatabaseTraits } from '../engine.ts';
import type { SequencePosition, TableName } from '../table.ts';
import type { PagedTable } from './divide-into-ranges.ts';
import { MARKED_BY_EXTENSION, OF_THE_APPLICATION } from './extension-rows.ts';
import { quoted } from './identifier.ts';
import { IS_NEVER_READ_BACK } from './never-read-back.ts';
import { CALLS_APPLICATION, CHECKED_TYPES, LOADED_THROUGH } from './row-rules.ts';
import { TEXT_ONLY } from './text-only-types.ts';
import { isTypeOf, MADE_OF } from './types-made-of.ts';
import { IS_WITHOUT_ROWS } from './without-rows.ts';

/**
 * Lists every ordinary table of the application, partitions included, largest first, and the tables of extensions that
 * hold rows of the application. Partitioned parents, views,
 * foreign and temporary tables have no rows of their own.
 */
export async function listTables(client: pg.Client): Promise<PagedTable[]> {
  const { rows } = await client.query<{
    schema: string;
    name: string;
    columns: string[] | null;
    pages: string;
    bytes: string;
    binary_capable: boolean;
    calls_application: boolean;
    through: TableName | null;
    extension: string | null;
    condition: string | null;
    without_rows: boolean;
  }>(`
    WITH RECURSIVE ${MADE_OF}, ${TEXT_ONLY}, ${CHECKED_TYPES}
    SELECT n.nspname AS schema, c.relname AS name,
      pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8 AS pages,
      pg_catalog.pg_table_size(c.oid) AS bytes,
      (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND NOT ${IS_NEVER_READ_BACK}) AS columns,
      NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${isTypeOf('text_only')}) AS binary_capable,
      ${CALLS_APPLICATION} AS calls_application, ${LOADED_THROUGH} AS through,
      marked.extension, marked.condition, ${IS_WITHOUT_ROWS} AS without_rows
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ${MARKED_BY_EXTENSION}
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${OF_THE_APPLICATION}
    ORDER BY bytes DESC, 1, 2`);
  return rows.map((row) => ({
    schema: row.schema,
    name: row.name,
    columns: row.columns ?? [],
    pages: Number(row.pages),
    bytes: Number(row.bytes),
    binaryCapable: row.binary_capable,
    ...(row.without_rows ? { withoutRows: true } : {}),
    loaded: row.extension !== null ? 'first' : row.calls_application ? 'last' : 'together',
    through: row.through,
    extension: row.extension === null ? null : { name: row.extension, where: ` ${row.condition ?? ''}` },
  }));
}

/**
 * Keeps the tables from being dropped, truncated or rewritten until the transaction ends. A snapshot does not: after a
 * TRUNCATE even an older snapshot sees an empty table.
 * https://www.postgresql.org/docs/current/mvcc-caveats.html
 */
export async function holdTables(client: pg.Client, tables: readonly TableName[]): Promise<void> {
  await client.query(`LOCK TABLE ONLY ${tables.map(quoted).join(', ONLY ')} IN ACCESS SHARE MODE`);
}

/** Sequences read at once: each of them is locked while it is read. */
const SEQUENCES_AT_ONCE = 200;

/**
 * Reads the position of every sequence of the application.
 *
 * @param apart runs one of many pieces of work, so that its locks end with it; needed inside a transaction
 */
export async function readSequences(
  client: pg.Client,
  apart: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Promise<SequencePosition[]> {
  const { rows: all } = await client.query<{ schema: string; name: string; start: string | null }>(`
    SELECT n.nspname AS schema, c.relname AS name,
      CASE WHEN ${IS_WITHOUT_ROWS} THEN s.seqstart::text END AS start
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
      ${MARKED_BY_EXTENSION}
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${OF_THE_APPLICATION}
    ORDER BY 1, 2`);
  const positions: SequencePosition[] = all.flatMap(({ schema, name, start }) =>
    start === null ? [] : [{ schema, name, lastValue: start, isCalled: false }],
  );
  const rows = all.flatMap(({ schema, name, start }) => (start === null ? [{ schema, name }] : []));
  for (let at = 0; at < rows.length; at += SEQUENCES_AT_ONCE) {
    const some = rows.slice(at, at + SEQUENCES_AT_ONCE);
    const position = (sequence: TableName, index: number) =>
      `SELECT ${index} AS index, last_value::text, is_called FROM ${quoted(sequence)}`;
    const { rows: found } = await apart(() =>
      client.query<{ last_value: string; is_called: boolean }>(
        `${some.map(position).join(' UNION ALL ')} ORDER BY index`,
      ),
    );
    for (const [index, sequence] of some.entries()) {
      const { last_value, is_called } = found[index] ?? {};
      if (last_value === undefined || is_called === undefined)
        throw new Error(`sequence ${quoted(sequence)} has no position`);
      positions.push({ ...sequence, lastValue: last_value, isCalled: is_called });
    }
  }
  return positions;
}

/** Reads version, encoding, locale and extensions of the connected database. */
export async function readTraits(client: pg.Client): Promise<Omit<DatabaseTraits, 'settings'>> {
  const version = await serverVersionOf(client);
  // The column of the ICU or builtin locale was called daticulocale before PostgreSQL 17, and was new in 15.
  const locale = version >= 170000 ? 'd.datlocale' : version >= 150000 ? 'd.daticulocale' : 'NULL::text';
  const icuRules = version >= 160000 ? 'd.daticurules' : 'NULL::text';
  const provider = version >= 150000 ? 'd.datlocprovider' : "'c'";
  const { rows } = await client.query(`
    SELECT pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, ${provider}::text AS provider,
      d.datcollate AS collate, d.datctype AS ctype, ${locale} AS locale, ${icuRules} AS icu_rules,
      pg_catalog.current_setting('server_version') AS server_version_text,
      (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', e.extname, 'version', e.extversion)
        ORDER BY e.extname), '[]') FROM pg_catalog.pg_extension e) AS extensions
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`);
  const row = rows[0];
  const providers = { b: 'builtin', i: 'icu', c: 'libc' } as const;
  return {
    serverVersion: version,
    serverVersionText: row.server_version_text,
    encoding: row.encoding,
    localeProvider: providers[row.provider as keyof typeof providers],
    collate: row.collate,
    ctype: row.ctype,
    locale: row.locale,
    icuRules: row.icu_rules,
    extensions: row.extensions,
  };
}

/** The server's `server_version_num`, such as 180004. */
export async function serverVersionOf(client: pg.Client): Promise<number> {
  return Number((await client.query('SHOW server_version_num')).rows[0].server_version_num);
}

/** PostgreSQL's major version of a `server_version_num`: 180004 → 18. */
export function majorVersion(serverVersion: number): number {
  return Math.floor(serverVersion / 10_000);
}
