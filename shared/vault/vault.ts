import type { Readable } from 'node:stream';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** The key of an object and the version that was written. A delete marker hides the key, never the version. */
export interface StoredObject {
  readonly key: string;
  readonly versionId: string;
}

/** What the vault says about a stored version without reading it. */
export interface StoredObjectState {
  readonly bytes: number;
  readonly lockedUntil: Date | null;
  readonly lockMode: 'governance' | 'compliance' | null;
  /** ARN of the KMS key that encrypts it; null where none does. */
  readonly encryptionKey: string | null;
}

/**
 * The vault: objects are written once, locked until a date, and never deleted by Lifeboat.
 *
 * Every write is conditional: a second write to a key throws ObjectExists and changes nothing.
 * Reading a version that does not exist throws ObjectMissing. Other errors are the store's own, mostly transient.
 */
export interface Vault {
  /** Writes a small object, whole in memory. */
  put(key: string, body: Uint8Array | string, options: WriteOptions): Promise<StoredObject>;
  /** Writes an object of unknown length from a stream, in parts, holding a few parts in memory. A stream that fails leaves no object. */
  upload(key: string, body: Readable, options: WriteOptions): Promise<StoredObject>;
  /** Opens a version. The caller reads it to the end or destroys it. */
  open(object: StoredObject): Promise<Readable>;
  /** Reads the current version of a small object. */
  read(key: string): Promise<Buffer>;
  /** The state of a version. */
  inspect(object: StoredObject): Promise<StoredObjectState>;
  /** Lists keys under a prefix, in ascending order. */
  list(prefix: string): AsyncIterable<string>;
}

export interface WriteOptions {
  readonly contentType: string;
  /** Before this, only a principal with the right to bypass the lock can delete the version. */
  readonly lockedUntil: Date;
}

/** The key is taken: objects of the vault are written once. */
export class ObjectExists extends LifeboatError {
  override readonly name = 'ObjectExists';
  override readonly kind = 'conflict';
  override readonly retryable = true;
  constructor(key: string, options?: ErrorOptions) {
    super(`the vault already holds "${key}": objects are written once`, options);
  }
}

/** The vault does not hold the object, or not the version that was written. */
export class ObjectMissing extends LifeboatError {
  override readonly name = 'ObjectMissing';
  override readonly kind = 'missing';
  constructor(key: string, options?: ErrorOptions) {
    super(`the vault does not hold "${key}"`, options);
  }
}
