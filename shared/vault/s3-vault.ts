import { Readable } from 'node:stream';
import {
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  PutObjectRetentionCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { UploadChecksum } from './upload-checksum.ts';
import {
  ObjectExists,
  ObjectMissing,
  PROVISIONAL,
  type StoredObject,
  type Vault,
  type WriteOptions,
} from './vault.ts';

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
  const LOCK_MODE = lock === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const);
  const write = (key: string, { contentType, lockedUntil, provisional }: WriteOptions) => ({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    IfNoneMatch: '*',
    ObjectLockMode: LOCK_MODE,
    ObjectLockRetainUntilDate: lockedUntil,
    ...(provisional ? { Tagging: `${PROVISIONAL.Key}=${PROVISIONAL.Value}` } : {}),
  });

  /**
   * The version of an upload that is there although S3 does not know the upload any more: its answer was lost, and the SDK asked
   * again. Null where the key holds something else.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
   */
  async function alreadyThere(key: string, sent: UploadChecksum): Promise<StoredObject | null> {
    const head = await orMissing(
      key,
      s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })),
    );
    const isOurs = head.ContentLength === sent.bytes && head.ChecksumCRC32 === sent.digest();
    return isOurs ? { key, versionId: versionOf(key, head.VersionId) } : null;
  }
  return {
    async put(key, body, options) {
      const written = await onceOnly(
        key,
        s3.send(new PutObjectCommand({ ...write(key, options), Body: body })),
      );
      return { key, versionId: versionOf(key, written.VersionId) };
    },

    async upload(key, body, options) {
      const sent = new UploadChecksum(PART_BYTES);
      async function* summed(): AsyncGenerator<Buffer> {
        for await (const chunk of body) {
          sent.update(chunk);
          yield chunk;
        }
      }
      const upload = new Upload({
        client: s3,
        params: { ...write(key, options), Body: Readable.from(summed()), ChecksumAlgorithm: 'CRC32' },
        partSize: PART_BYTES,
        queueSize: PARTS_IN_FLIGHT,
      });
      try {
        const written = await onceOnly(key, upload.done());
        return { key, versionId: versionOf(key, written.VersionId) };
      } catch (cause) {
        const there = isNamed(cause, 'NoSuchUpload') ? await alreadyThere(key, sent) : null;
        if (there === null) throw cause;
        return there;
      }
    },

    async keep({ key, versionId }, lockedUntil) {
      const object = { Bucket: bucket, Key: key, VersionId: versionId };
      const Retention = { Mode: LOCK_MODE, RetainUntilDate: lockedUntil };
      await orMissing(key, s3.send(new PutObjectRetentionCommand({ ...object, Retention })));
      await orMissing(key, s3.send(new DeleteObjectTaggingCommand(object)));
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

    async hidden(prefix) {
      const first = new Map<string, StoredObject>();
      const current = new Map<string, string>();
      // S3 lists the versions of a key newest first, so the last one seen is the one that was written first.
      let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | null = {};
      while (from !== null) {
        const page: ListObjectVersionsCommandOutput = await s3.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
        );
        from = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : null;
        for (const { Key, VersionId, IsLatest } of page.Versions ?? []) {
          if (!Key || !VersionId) continue;
          first.set(Key, { key: Key, versionId: VersionId });
          if (IsLatest) current.set(Key, VersionId);
        }
      }
      return [...first.values()].filter(({ key, versionId }) => current.get(key) !== versionId);
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
