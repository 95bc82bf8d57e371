import type pg from 'pg';
import type { TableFingerprint } from '../../fingerprint.ts';
import { selectPieces } from './pieces.ts';

/** The number of pieces and the fingerprint of what they hold: object, position, bytes and comment. */
export async function fingerprintLargeObjects(client: pg.Client, where: string): Promise<TableFingerprint> {
  const piece = 'ROW(object, piece, pg_catalog.sha256(bytes), comment)::text COLLATE "C"';
  const { rows } = await client.query<TableFingerprint>(`
    SELECT count(*)::text AS rows, coalesce(sum(pg_catalog.hashtextextended(${piece}, 0)), 0)::text AS content
    FROM (${selectPieces(where)}) AS pieces`);
  if (!rows[0]) throw new Error('no fingerprint of the large objects');
  return rows[0];
}

/** Counts the pieces of all large objects. Decimal text. */
export async function countPieces(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT count(*)::text AS rows FROM (${selectPieces()}) AS pieces`,
  );
  if (!rows[0]) throw new Error('no count of the large objects');
  return rows[0].rows;
}
