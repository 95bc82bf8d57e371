import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type pg from 'pg';
import pgModule from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { quoted, readable } from '../../database/postgres/identifier.ts';
import { type TableRange, whereInRange } from '../../database/postgres/table-range.ts';
import type { StoredObject, Vault } from '../../vault/vault.ts';
import { sealBlocks } from './block.ts';
import type { ManifestTable, TablePart } from './manifest.ts';

/** How rows are written: `binary` can only be read by a server of the same major version. */
export type RowFormat = ManifestTable['format'];

/**
 * Streams one part of a table from COPY through sealed, compressed blocks into one object of the vault. Memory is a
 * few blocks, whatever the size.
 *
 * @param client a connection inside the backup's snapshot
 * @param onBytes told the raw bytes as they pass
 */
export async function copyPart(options: {
  client: pg.Client;
  vault: Vault;
  recoveryPoint: string;
  key: string;
  part: TableRange;
  format: RowFormat;
  lockedUntil: Date;
  onBytes: (bytes: number) => void;
}): Promise<TablePart> {
  const { client, vault, part, format, key } = options;
  const copy = client.query(copyTo(copyStatement(part, format)));
  const hash = createHash('sha256');
  let rawBytes = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of copy) {
      rawBytes += chunk.length;
      options.onBytes(chunk.length);
      yield chunk;
    }
  }
  async function* hashed(): AsyncGenerator<Buffer> {
    const place = { recoveryPoint: options.recoveryPoint, content: readable(part.table), part: part.part };
    for await (const block of sealBlocks(counted(), place)) {
      hash.update(block);
      bytes += block.length;
      yield block;
    }
  }
  const stored: StoredObject = await vault.upload(key, Readable.from(hashed()), {
    contentType: 'application/octet-stream',
    lockedUntil: options.lockedUntil,
  });
  return { ...stored, part: part.part, rows: copy.rowCount, rawBytes, bytes, sha256: hash.digest('hex') };
}

/** A whole table is copied as a table, which is faster; a part of one as a query over its range of pages. */
function copyStatement(range: TableRange, format: RowFormat): string {
  const { table } = range;
  const columns = table.columns.map((column) => pgModule.escapeIdentifier(column)).join(', ');
  const where = whereInRange(range);
  const rows = where
    ? `(SELECT ${columns} FROM ONLY ${quoted(table)}${where})`
    : `${quoted(table)}${columns ? ` (${columns})` : ''}`;
  return `COPY ${rows} TO STDOUT (FORMAT ${format})`;
}
