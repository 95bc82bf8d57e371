import { Readable } from 'node:stream';
import { ObjectExists, ObjectMissing, type Vault, type WriteOptions } from '../../../shared/vault/vault.ts';

interface Held extends WriteOptions {
  readonly versionId: string;
  readonly body: Buffer;
}

/** A vault that keeps its objects in memory, by the contract of test/contract/vault.ts. */
export function memoryVault(): Vault & { readonly objects: ReadonlyMap<string, Held> } {
  const objects = new Map<string, Held>();
  const write = (key: string, body: Buffer, options: WriteOptions) => {
    if (objects.has(key)) throw new ObjectExists(key);
    const versionId = `v${objects.size + 1}`;
    objects.set(key, { ...options, versionId, body });
    return { key, versionId };
  };
  const find = (key: string, versionId?: string): Held => {
    const held = objects.get(key);
    if (!held || (versionId !== undefined && held.versionId !== versionId)) throw new ObjectMissing(key);
    return held;
  };
  return {
    objects,
    put: async (key, body, options) => write(key, Buffer.from(body), options),
    upload: async (key, body, options) => write(key, Buffer.concat(await body.toArray()), options),
    open: async ({ key, versionId }) => Readable.from([find(key, versionId).body]),
    read: async (key) => find(key).body,
    async inspect({ key, versionId }) {
      const { body, lockedUntil } = find(key, versionId);
      return { bytes: body.length, lockedUntil, lockMode: 'governance', encryptionKey: null };
    },
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}
