import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ObjectExists, ObjectMissing, type Vault } from '../../shared/vault/vault.ts';

const options = {
  contentType: 'application/octet-stream',
  lockedUntil: new Date(Math.ceil(Date.now() / 1000 + 3600) * 1000),
};
/** More than one part of an upload, and not a whole number of them. */
const LARGE = 20 * 1024 * 1024 + 17;

const text = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString();

async function keysUnder(vault: Vault, prefix: string): Promise<string[]> {
  return Array.fromAsync(vault.list(prefix));
}

/** What every vault must do, whatever keeps its objects. */
export function describeVault(name: string, open: () => Vault): void {
  describe(`${name}, as a vault`, () => {
    test('reads back what was put, by key and by version', async () => {
      const vault = open();
      const stored = await vault.put('contract/put', 'first', options);
      expect(stored.key).toBe('contract/put');
      expect((await vault.read('contract/put')).toString()).toBe('first');
      expect(await text(await vault.open(stored))).toBe('first');
    });

    test('refuses a second put under a key and keeps the first', async () => {
      const vault = open();
      await vault.put('contract/twice', 'first', options);
      await expect(vault.put('contract/twice', 'second', options)).rejects.toThrow(ObjectExists);
      expect((await vault.read('contract/twice')).toString()).toBe('first');
    });

    test.each([
      ['small', 5],
      ['of several parts', LARGE],
    ])('refuses a second upload, %s, and keeps the first', async (kind, length) => {
      const vault = open();
      const key = `contract/upload-twice-${kind}`;
      const stored = await vault.upload(key, Readable.from([Buffer.alloc(length, 'a')]), options);
      await expect(vault.upload(key, Readable.from([Buffer.alloc(length, 'b')]), options)).rejects.toThrow(
        ObjectExists,
      );
      expect((await vault.inspect(stored)).bytes).toBe(length);
      expect(Buffer.alloc(length, 'a').equals(await vault.read(key))).toBe(true);
    });

    test('uploads a stream of many chunks whole and in order', async () => {
      const vault = open();
      const chunks = Array.from({ length: 320 }, (_, i) => Buffer.alloc(64 * 1024 + (i % 3), `${i},`));
      const stored = await vault.upload('contract/stream', Readable.from(chunks), options);
      expect(Buffer.concat(chunks).equals(Buffer.concat(await (await vault.open(stored)).toArray()))).toBe(
        true,
      );
    });

    test('uploads an empty stream as an empty object', async () => {
      const vault = open();
      const stored = await vault.upload('contract/empty', Readable.from([]), options);
      expect((await vault.inspect(stored)).bytes).toBe(0);
    });

    test.each([
      ['at once', 0],
      ['in its first part', 1024],
      ['after a part was sent', LARGE],
    ])('keeps nothing of a stream that fails %s', async (when, sent) => {
      const vault = open();
      const key = `contract/failed-${when}`;
      async function* failing(): AsyncGenerator<Buffer> {
        if (sent > 0) yield Buffer.alloc(sent);
        throw new RangeError('the source is gone');
      }
      await expect(vault.upload(key, Readable.from(failing()), options)).rejects.toThrow(
        'the source is gone',
      );
      expect(await keysUnder(vault, key)).toEqual([]);
      await expect(vault.read(key)).rejects.toThrow(ObjectMissing);
      await vault.put(key, 'again', options);
    });

    test('says of what is not there that it is missing', async () => {
      const vault = open();
      const stored = await vault.put('contract/there', 'x', options);
      const other = await vault.put('contract/other', 'x', options);
      await expect(vault.read('contract/nothing')).rejects.toThrow(ObjectMissing);
      for (const absent of [
        { ...stored, key: 'contract/nothing' },
        { ...stored, versionId: other.versionId },
      ]) {
        await expect(vault.open(absent)).rejects.toThrow(ObjectMissing);
        await expect(vault.inspect(absent)).rejects.toThrow(ObjectMissing);
      }
    });

    test('tells size and lock of a version without reading it', async () => {
      const vault = open();
      const stored = await vault.put('contract/inspected', 'twelve bytes', options);
      expect(await vault.inspect(stored)).toMatchObject({
        bytes: 12,
        lockMode: 'governance',
        lockedUntil: options.lockedUntil,
      });
    });

    test('keeps what was provisional until a later date, and again without a change', async () => {
      const vault = open();
      const first = await vault.put('contract/kept/put', 'x', { ...options, provisional: true });
      const second = await vault.upload('contract/kept/upload', Readable.from([Buffer.alloc(LARGE)]), {
        ...options,
        provisional: true,
      });
      const later = new Date(options.lockedUntil.getTime() + 3_600_000);
      for (const stored of [first, second, first]) {
        await vault.keep(stored, later);
        expect((await vault.inspect(stored)).lockedUntil).toEqual(later);
      }
      await expect(vault.keep({ ...first, key: 'contract/kept/nothing' }, later)).rejects.toThrow(
        ObjectMissing,
      );
    });

    test('hides nothing by itself', async () => {
      const vault = open();
      await vault.put('contract/hidden/there', 'x', options);
      expect(await vault.hidden('contract/hidden/')).toEqual([]);
    });

    test('lists the keys under a prefix, in order, and no other', async () => {
      const vault = open();
      for (const key of ['contract/list/b', 'contract/list/a/2', 'contract/list/a/10', 'contract/listed'])
        await vault.put(key, 'x', options);
      expect(await keysUnder(vault, 'contract/list/')).toEqual([
        'contract/list/a/10',
        'contract/list/a/2',
        'contract/list/b',
      ]);
      expect(await keysUnder(vault, 'contract/list/c')).toEqual([]);
    });
  });
}
