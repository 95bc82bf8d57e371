import { Readable } from 'node:stream';
import { ObjectExists, ObjectMissing, type Vault, type WriteOptions } from '../../../shared/vault/vault.ts';

interface Held extends WriteOptions {
  readonly versionId: string;
  readonly body: Buffer;
}

/** A vault that keeps its objects in memory, by the contract of test/contract/vault.ts. */
export function memoryVault(): Vault & {
  readonly objects: ReadonlyMap<string, Held>;
  /** Puts a delete marker over a key, as a plain delete does. */
  hide(key: string): void;
  /** Puts a later version over a key, as an unconditional write does. */
  overwrite(key: string, body: string): void;
} {
  const objects = new Map<string, Held>();
  const markers = new Set<string>();
  const over = new Map<string, Buffer>();
  const write = (key: string, body: Buffer, options: WriteOptions) => {
    if (objects.has(key) && !markers.has(key)) throw new ObjectExists(key);
    const versionId = `v${objects.size + 1}`;
    objects.set(key, { ...options, versionId, body });
    return { key, versionId };
  };
  const find = (key: string, versionId?: string): Held => {
    const held = objects.get(key);
    const isThere = versionId === undefined ? !markers.has(key) : held?.versionId === versionId;
    if (!held || !isThere) throw new ObjectMissing(key);
    return held;
  };
  return {
    objects,
    hide: (key) => {
      markers.add(key);
    },
    overwrite: (key, body) => {
      over.set(key, Buffer.from(body));
    },
    put: async (key, body, options) => write(key, Buffer.from(body), options),
    upload: async (key, body, options) => write(key, Buffer.concat(await body.toArray()), options),
    async keep({ key, versionId }, lockedUntil) {
      objects.set(key, { ...find(key, versionId), lockedUntil, provisional: false });
    },
    open: async ({ key, versionId }) => Readable.from([find(key, versionId).body]),
    async read(key) {
      const { body } = find(key);
      return over.get(key) ?? body;
    },
    async inspect({ key, versionId }) {
      const { body, lockedUntil } = find(key, versionId);
      return { bytes: body.length, lockedUntil, lockMode: 'governance', encryptionKey: null };
    },
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix) && !markers.has(key)).sort();
    },
    async hidden(prefix) {
      const isHidden = (key: string) => markers.has(key) || over.has(key);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && isHidden(key)).sort();
      return keys.flatMap((key) => {
        const held = objects.get(key);
        return held ? [{ key, versionId: held.versionId }] : [];
      });
    },
  };
}
