import { open } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';

/** In the middle of the first page: rows or free room, and the page's checksum covers both. */
const OFFSET = 4096;

/** The table has no page on disk that could rot. */
export class NothingToFlip extends Error {
  override readonly name = 'NothingToFlip';

  constructor(table: string) {
    super(`The table "${table}" has no page on disk. Name a table that holds rows.`);
  }
}

/** Flips a byte of a table's file under a running server, and makes it forget its own copy, so that it reads what is there. */
export async function flipByte(client: pg.Client, dataFolder: string, table: string): Promise<void> {
  const { rows } = await client.query('SELECT pg_relation_filepath($1::regclass) AS file', [table]);
  await client.query('CHECKPOINT'); // or the server's copy would be written over the flipped byte
  const file = await open(path.join(dataFolder, rows[0].file), 'r+');
  try {
    const byte = Buffer.alloc(1);
    const { bytesRead } = await file.read(byte, 0, 1, OFFSET);
    if (bytesRead === 0) throw new NothingToFlip(table);
    await file.write(Buffer.of((byte[0] ?? 0) ^ 0x01), 0, 1, OFFSET);
  } finally {
    await file.close();
  }
  await forgetCachedPages(client);
}

/** Without a trace: the extension is created, used and gone with the transaction. */
async function forgetCachedPages(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_buffercache');
    await client.query('SELECT pg_buffercache_evict_all()');
  } finally {
    await client.query('ROLLBACK');
  }
}
