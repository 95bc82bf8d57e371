import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sealBlocks } from '../../../../shared/backup/logical/block.ts';
import { contentOf, type Manifest } from '../../../../shared/backup/logical/manifest.ts';
import { readThrough } from '../../../../shared/backup/logical/read-through.ts';
import type { StoredObject, StoredObjectState, Vault } from '../../../../shared/vault/vault.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { manifest as fixture } from './manifest-fixture.ts';

const encryptionKey = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const lockedUntil = new Date(fixture.lockedUntil);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A vault with every object of a recovery point as its manifest says: a schema, and a table in five parts. */
async function stored(): Promise<{ vault: Vault; manifest: Manifest }> {
  const store = memoryVault();
  const put = async (key: string, body: Buffer) => ({
    ...(await store.put(key, body, { contentType: 'application/octet-stream', lockedUntil })),
    bytes: body.length,
    sha256: sha256(body),
  });
  const archive = await put('schema.dump', Buffer.from('CREATE TABLE contacts'));
  const [first] = fixture.tables;
  if (!first) throw new Error('the fixture has a table');
  const parts = [];
  for (const part of [0, 1, 2, 3, 4]) {
    const rows = Buffer.from(`rows of part ${part}`);
    const place = { recoveryPoint: fixture.recoveryPoint, content: 'public.contacts', part };
    const blocks = await Array.fromAsync(sealBlocks(Readable.from([rows]), place));
    parts.push({
      ...(await put(`rows/${part}`, Buffer.concat(blocks))),
      part,
      rows: 1,
      rawBytes: rows.length,
    });
  }
  const manifest = {
    ...fixture,
    schema: { ...fixture.schema, archive },
    tables: [{ ...first, schema: 'public', name: 'contacts', parts }],
  };
  const vault: Vault = {
    ...store,
    inspect: async (object) => ({ ...(await store.inspect(object)), encryptionKey }),
  };
  return { vault, manifest };
}

/** The vault with one object changed when it is opened. */
function opening(vault: Vault, key: string, change: (body: Buffer) => Buffer): Vault {
  return {
    ...vault,
    async open(object: StoredObject) {
      const body = Buffer.concat(await (await vault.open(object)).toArray());
      return Readable.from([object.key === key ? change(body) : body]);
    },
  };
}

const reading = (
  vault: Vault,
  manifest: Manifest,
  options: Partial<Parameters<typeof readThrough>[2]> = {},
) =>
  readThrough(vault, manifest, {
    from: 0,
    until: new Date('2026-10-05T03:00:00Z'),
    now: () => new Date('2026-10-05T02:30:00Z'),
    keeping: { lock: 'governance', encryptionKey },
    signal: new AbortController().signal,
    ...options,
  });

describe('reading a recovery point through', () => {
  test('reads every object, and says how many bytes that were', async () => {
    const { vault, manifest } = await stored();
    const sizes: number[] = [];
    const read = await reading(vault, manifest, { onObject: (size) => sizes.push(size) });
    const storedBytes = contentOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(read).toEqual({ next: null, objects: 6, storedBytes });
    expect(sizes).toHaveLength(6);
  });

  test('ends with the time, and goes on where it ended, until all is read', async () => {
    const { vault, manifest } = await stored();
    const ended = { until: new Date('2026-10-05T02:00:00Z') };
    const from = [];
    let storedBytes = 0;
    for (let next: number | null = 0; next !== null; ) {
      from.push(next);
      const read: Awaited<ReturnType<typeof readThrough>> = await reading(vault, manifest, {
        ...ended,
        from: next,
      });
      storedBytes += read.storedBytes;
      next = read.next;
    }
    // At least one object in each call, so that each comes further.
    expect(from).toEqual([0, 1, 2, 3, 4, 5]);
    expect(storedBytes).toBe(contentOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0));
  });

  test.each<[string, (body: Buffer) => Buffer, string]>([
    [
      'a turned bit',
      (body) => Buffer.concat([body.subarray(0, 60), Buffer.from([(body[60] ?? 0) ^ 1]), body.subarray(61)]),
      'BlockDamaged',
    ],
    ['a byte cut off', (body) => body.subarray(0, -1), 'BlockDamaged'],
    ['a byte added', (body) => Buffer.concat([body, Buffer.from('x')]), 'BlockDamaged'],
    ['nothing in it', () => Buffer.alloc(0), 'BlockDamaged'],
  ])('finds a part with %s', async (_, change, name) => {
    const { vault, manifest } = await stored();
    await expect(reading(opening(vault, 'rows/3', change), manifest)).rejects.toMatchObject({ name });
  });

  test('finds another part in the place of one, although each is whole', async () => {
    const { vault, manifest } = await stored();
    const [, other] = manifest.tables[0]?.parts ?? [];
    if (!other) throw new Error('the table has parts');
    const swapped: Vault = {
      ...vault,
      open: (object) => vault.open(object.key === 'rows/3' ? other : object),
    };
    await expect(reading(swapped, manifest)).rejects.toThrow('its seal does not fit its bytes and place');
  });

  test('finds a schema that was altered', async () => {
    const { vault, manifest } = await stored();
    const altered = opening(vault, 'schema.dump', () => Buffer.from('CREATE TABLE contracts'));
    await expect(reading(altered, manifest)).rejects.toMatchObject({ name: 'RecoveryPointDamaged' });
  });

  test('finds rows that unpack to another length than was written', async () => {
    const { vault, manifest } = await stored();
    const [table] = manifest.tables;
    const [part, ...rest] = table?.parts ?? [];
    if (!table || !part) throw new Error('the table has parts');
    const lied = { ...manifest, tables: [{ ...table, parts: [{ ...part, rawBytes: 7 }, ...rest] }] };
    await expect(reading(vault, lied)).rejects.toThrow(
      '"rows/0" unpacks to 14 bytes of rows, 7 were written',
    );
  });

  test('finds an object that is gone', async () => {
    const { vault, manifest } = await stored();
    const gone = {
      ...manifest,
      schema: { ...manifest.schema, archive: { ...manifest.schema.archive, key: 'gone' } },
    };
    await expect(reading(vault, gone)).rejects.toThrow('"gone" is missing');
  });

  test.each<[string, Partial<StoredObjectState>, string]>([
    [
      'locked too short',
      { lockedUntil: new Date('2026-10-06T00:00:00Z') },
      '"schema.dump" is locked until 2026-10-06',
    ],
    ['not locked', { lockMode: null, lockedUntil: null }, '"schema.dump" is locked as nothing'],
    ['under another key', { encryptionKey: `${encryptionKey}9` }, '"schema.dump" is encrypted with'],
  ])('tells an object that is whole and %s from a damaged one', async (_, state, message) => {
    const { vault, manifest } = await stored();
    const kept: Vault = {
      ...vault,
      inspect: async (object) => ({
        ...(await vault.inspect(object)),
        ...(object.key === 'schema.dump' ? state : {}),
      }),
    };
    const found = reading(kept, manifest);
    await expect(found).rejects.toMatchObject({ name: 'StoredBackupUnproven' });
    await expect(found).rejects.toThrow(message);
  });

  test('ends with the reason of its signal', async () => {
    const { vault, manifest } = await stored();
    const signal = AbortSignal.abort(new Error('the function has no time left'));
    await expect(reading(vault, manifest, { signal })).rejects.toThrow('the function has no time left');
  });
});
