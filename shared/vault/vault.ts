import type { Readable } from 'node:stream';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** The key of an object and the version that was written. A delete marker hides the key, never the version. */
export interface StoredObject {
  readonly key: string;
  readonly versionId: string;
}

/** What the vault reports about a stored version without reading its content. */
export interface StoredObjectState {
  readonly bytes: number;
  readonly lockedUntil: Date | null;
  readonly lockMode: 'governance' | 'compliance' | null;
  /** ARN of the KMS key that encrypts it; null if it has no KMS encryption. */
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
  /**
   * Streams an object of unknown length into the vault, holding a few parts in memory. A stream that fails
   * leaves no object.
   */
  upload(key: string, body: Readable, options: WriteOptions): Promise<StoredObject>;
  /**
   * Makes a provisional version a lasting one: locks it until a later date, and takes it from what expires soon. A lock can
   * always be extended. Doing it again changes nothing.
   */
  keep(object: StoredObject, lockedUntil: Date): Promise<void>;
  /** Opens a version. The caller must read it to the end or destroy it. */
  open(object: StoredObject): Promise<Readable>;
  /** Reads the current version of a small object. */
  read(key: string): Promise<Buffer>;
  /** The state of a version. */
  inspect(object: StoredObject): Promise<StoredObjectState>;
  /** Lists keys under a prefix, in ascending order. */
  list(prefix: string): AsyncIterable<string>;
  /**
   * The first version of each key under a prefix that is not the current one any more, by key: a delete marker hides it, or a later
   * version does. A plain delete hides what it cannot delete, a plain write what it cannot replace. The store's own expiry hides as
   * well, for a day.
   */
  hidden(prefix: string): Promise<StoredObject[]>;
}

/**
 * The tag of a provisional object in the store. A lifecycle rule expires what still has it (resources/derive.ts).
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
export const PROVISIONAL = { Key: 'lifeboat', Value: 'provisional' } as const;

export interface WriteOptions {
  readonly contentType: string;
  /** Until then, only a principal with the right to bypass the lock can delete the version. */
  readonly lockedUntil: Date;
  /** A part of something unfinished, which expires after a few days unless it is kept. */
  readonly provisional?: boolean;
}

/** The key is already used: each object of the vault is written once. */
export class ObjectExists extends LifeboatError {
  override readonly name = 'ObjectExists';
  override readonly kind = 'conflict';
  override readonly retryable = true;
  constructor(key: string, options?: ErrorOptions) {
    super(`the vault already holds "${key}": objects are written once`, options);
  }
}

/** The vault does not hold the object, or not this version of it. */
export class ObjectMissing extends LifeboatError {
  override readonly name = 'ObjectMissing';
  override readonly kind = 'missing';
  constructor(key: string, options?: ErrorOptions) {
    super(`the vault does not hold "${key}"`, options);
  }
}
