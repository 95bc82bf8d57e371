import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { ObjectExists, type Vault } from '../../shared/vault/vault.ts';
import { describeVault } from '../contract/vault.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createVaultBucket, rootS3 } from './support/vault-bucket.ts';

let aws: TestAccount;
let s3: S3Client;
let bucket: string;
let vault: Vault;

beforeAll(async () => {
  aws = await openAccount();
  s3 = rootS3(aws);
  bucket = await createVaultBucket(s3, 'vault');
  vault = s3Vault(s3, bucket, 'governance');
});

afterAll(async () => {
  s3?.destroy();
  await aws?.stop();
});

describeVault('S3', () => vault);

describe('the vault on S3', () => {
  const options = { contentType: 'text/plain', lockedUntil: new Date('2036-01-01T00:00:00Z') };
  const text = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString();

  test('still opens a version whose key was deleted', async () => {
    const stored = await vault.put('deleted', 'the row', options);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'deleted' }));
    await expect(vault.read('deleted')).rejects.toMatchObject({ name: 'ObjectMissing' });
    expect(await text(await vault.open(stored))).toBe('the row');
    expect((await vault.inspect(stored)).lockMode).toBe('governance');
  });

  test('opens the version that was written, not one that was put over it by other means', async () => {
    const stored = await vault.put('overwritten', 'the row', options);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'overwritten', Body: 'forged' }));
    expect(await text(await vault.open(stored))).toBe('the row');
  });

  test.each(['governance', 'compliance'] as const)(
    'does not let a version go that is locked for %s',
    async (lock) => {
      const stored = await s3Vault(s3, bucket, lock).put(`locked-${lock}`, 'the row', options);
      await expect(
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: stored.key, VersionId: stored.versionId })),
      ).rejects.toMatchObject({ name: 'AccessDenied' });
      expect(await vault.inspect(stored)).toMatchObject({ lockMode: lock, lockedUntil: options.lockedUntil });
    },
  );

  test('locks an upload of several parts as well', async () => {
    const body = Readable.from(Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024)));
    const stored = await vault.upload('locked-upload', body, options);
    expect(await vault.inspect(stored)).toMatchObject({
      bytes: 17 * 1024 * 1024,
      lockMode: 'governance',
      lockedUntil: options.lockedUntil,
    });
  });

  test('leaves no open upload behind where the source fails', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 17; i += 1) yield Buffer.alloc(1024 * 1024);
      throw new Error('connection lost');
    }
    await expect(vault.upload('left-open', Readable.from(failing()), options)).rejects.toThrow(
      'connection lost',
    );
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads.filter(({ Key }) => Key === 'left-open')).toEqual([]);
  });

  test('lets one of two writers win, and the other one know', async () => {
    const outcomes = await Promise.allSettled(
      ['first', 'second'].map((body) => vault.put('contended', body, options)),
    );
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.reason).toBeInstanceOf(ObjectExists);
  });

  test('is no vault without versions', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'plain' }));
    // S3 itself refuses a lock there; what it answers to a put without one shows in the unit test.
    await expect(s3Vault(s3, 'plain', 'governance').put('x', 'x', options)).rejects.toThrow();
  });
});
