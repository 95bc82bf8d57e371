import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { SnapshotReader } from '../../database/engine.ts';
import { type RowFormat, readable, type TableRange } from '../../database/table.ts';
import type { StoredObject, Vault } from '../../vault/vault.ts';
import { sealBlocks } from './block.ts';
import type { TablePart } from './manifest.ts';

/**
 * Streams one part of a table through sealed, compressed blocks into one object of the vault. It holds a few blocks in
 * memory, whatever the size of the part.
 *
 * @param onBytes called with the number of raw bytes of each chunk
 */
export async function copyPart(options: {
  reader: SnapshotReader;
  vault: Vault;
  recoveryPoint: string;
  key: string;
  part: TableRange;
  format: RowFormat;
  lockedUntil: Date;
  onBytes: (bytes: number) => void;
}): Promise<TablePart> {
  const { reader, vault, part, format, key } = options;
  const copied = reader.copyOut(part, format);
  const hash = createHash('sha256');
  let rawBytes = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of copied.chunks) {
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
    provisional: true,
  });
  return { ...stored, part: part.part, rows: copied.rowCount(), rawBytes, bytes, sha256: hash.digest('hex') };
}
