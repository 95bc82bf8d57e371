import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ObjectExists, ObjectMissing, type StoredObject, type Vault, type WriteOptions } from './vault.ts';

/**
 * Parts of 8 MiB, two in flight, keep an upload at about 24 MiB of memory. S3 allows 10,000 parts per object:
 * 80 GiB, far more than one part of a table.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

/**
 * The vault on S3: a versioned bucket with Object Lock. Each write carries a checksum that S3 verifies on arrival (the
 * SDK's default), `If-None-Match: *`, and its own lock date.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @param lock the Object Lock mode of the plan
 */
export function s3Vault(s3: S3Client, bucket: string, lock: 'governance' | 'compliance'): Vault {
  const write = (key: string, { contentType, lockedUntil }: WriteOptions) => ({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    IfNoneMatch: '*',
    ObjectLockMode: lock === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const),
    ObjectLockRetainUntilDate: lockedUntil,
  });
  return {
    async put(key, body, options) {
      const written = await onceOnly(
        key,
        s3.send(new PutObjectCommand({ ...write(key, options), Body: body })),
      );
      return { key, versionId: versionOf(key, written.VersionId) };
    },

    async upload(key, body, options) {
      const upload = new Upload({
        client: s3,
        params: { ...write(key, options), Body: body },
        partSize: PART_BYTES,
        queueSize: PARTS_IN_FLIGHT,
      });
      const written = await onceOnly(key, upload.done());
      return { key, versionId: versionOf(key, written.VersionId) };
    },

    async open(object) {
      const answer = await orMissing(
        object.key,
        s3.send(new GetObjectCommand({ Bucket: bucket, Key: object.key, VersionId: object.versionId })),
      );
      if (!(answer.Body instanceof Readable)) throw new ObjectMissing(object.key);
      return answer.Body;
    },

    async read(key) {
      const answer = await orMissing(key, s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    },

    async inspect(object: StoredObject) {
      const head: HeadObjectCommandOutput = await orMissing(
        object.key,
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: object.key, VersionId: object.versionId })),
      );
      return {
        bytes: head.ContentLength ?? 0,
        lockedUntil: head.ObjectLockRetainUntilDate ?? null,
        lockMode:
          head.ObjectLockMode === 'COMPLIANCE'
            ? 'compliance'
            : head.ObjectLockMode === 'GOVERNANCE'
              ? 'governance'
              : null,
        encryptionKey: head.SSEKMSKeyId ?? null,
      };
    },

    async *list(prefix) {
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
        for (const { Key } of page.Contents ?? []) if (Key) yield Key;
    },
  };
}

/** Without versions a delete would be final, so an unversioned bucket cannot be a vault. */
function versionOf(key: string, versionId: string | undefined): string {
  if (!versionId)
    throw new Error(`the vault's bucket gave no version for "${key}": versioning must be enabled`);
  return versionId;
}

async function onceOnly<T>(key: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (cause) {
    if (isNamed(cause, 'PreconditionFailed', 'ConditionalRequestConflict'))
      throw new ObjectExists(key, { cause });
    throw cause;
  }
}

/** A missing bucket is not a missing object: the vault is gone or misnamed, and the backup may be intact. */
async function orMissing<T>(key: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (isNamed(cause, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) throw new ObjectMissing(key, { cause });
    throw cause;
  }
}

function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
