import pg from 'pg';
import type { TableName } from '../../table.ts';

/** Rows leave and enter a database in its own encoding, byte for byte. Not every one of its texts exists in UTF-8. */
export interface OwnEncoding {
  /** PostgreSQL's name for it, such as `WIN1252`. */
  readonly encoding: string;
}

/**
 * Lets a session speak the database's own encoding, until the end of the transaction or until `speakUtf8`. Statements then
 * need names of `inOwnEncoding`.
 */
export async function speakOwnEncoding(
  client: pg.Client,
  { local }: { local: boolean },
): Promise<OwnEncoding> {
  const { rows } = await client.query<OwnEncoding>(
    `SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), ${local}) AS encoding`,
  );
  if (!rows[0]) throw new Error('the database has no encoding');
  return rows[0];
}

export async function speakUtf8(client: pg.Client): Promise<void> {
  await client.query("SET client_encoding = 'UTF8'");
}

/**
 * A quoted name, in ASCII: the driver sends statements in UTF-8, and the server takes them for its own encoding. Where the
 * database has no encoding of its own, names are bytes, so they go as they came.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS-UESCAPE
 */
export function nameInOwnEncoding(name: string, { encoding }: OwnEncoding): string {
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII' || isAscii(name)) return pg.escapeIdentifier(name);
  const escaped = [...name].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\\') return '\\\\';
    if (character === '"') return '""';
    return code < 128 ? character : `\\+${code.toString(16).padStart(6, '0')}`;
  });
  return `U&"${escaped.join('')}"`;
}

export function quotedInOwnEncoding({ schema, name }: TableName, own: OwnEncoding): string {
  return `${nameInOwnEncoding(schema, own)}.${nameInOwnEncoding(name, own)}`;
}

function isAscii(text: string): boolean {
  return [...text].every((character) => (character.codePointAt(0) ?? 0) < 128);
}
