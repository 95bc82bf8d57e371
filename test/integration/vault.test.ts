import { Readable } from 'node:stream';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { ObjectExists, type Vault } from '../../shared/vault/vault.ts';
import { describeVault } from '../contract/vault.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createVaultBucket, rootS3 } from './support/vault-bucket.ts';
import { vaultPolicyFor } from './support/vault-policy.ts';

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

  test('names what a delete marker hides, in its newest version', async () => {
    await vault.put('markers/there', 'x', options);
    const stored = await vault.put('markers/gone', 'the row', options);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'markers/gone' }));
    expect(await vault.hidden('markers/')).toEqual([stored]);
    expect(await Array.fromAsync(vault.list('markers/'))).toEqual(['markers/there']);
  });

  test('marks what is provisional for its lifecycle, until it is kept', async () => {
    const stored = await vault.put('provisional', 'x', { ...options, provisional: true });
    const tags = async () =>
      (await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'provisional' }))).TagSet;
    expect(await tags()).toEqual([{ Key: 'lifeboat', Value: 'provisional' }]);
    await vault.keep(stored, options.lockedUntil);
    expect(await tags()).toEqual([]);
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

/** A user who may do everything with S3. The local AWS does not bind the account's root user by bucket policies, as AWS does. */
async function administratorOfS3({ endpoint, region, accountId }: TestAccount): Promise<S3Client> {
  const iam = new IAMClient({
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
  const UserName = 'administrator';
  const Statement = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 's3', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return new S3Client({ endpoint, region, credentials });
}

describe("the policy of the template's vault", () => {
  const options = { contentType: 'text/plain', lockedUntil: new Date('2036-01-01T00:00:00Z') };
  let guarded: string;
  let admin: S3Client;
  beforeAll(async () => {
    admin = await administratorOfS3(aws);
    guarded = await createVaultBucket(s3, 'guarded');
    await s3.send(new PutBucketPolicyCommand({ Bucket: guarded, Policy: vaultPolicyFor(guarded) }));
  });

  afterAll(() => admin?.destroy());

  test('lets objects be written, kept and read', async () => {
    const open = s3Vault(admin, guarded, 'governance');
    const stored = await open.put('there', 'the row', { ...options, provisional: true });
    await open.keep(stored, options.lockedUntil);
    expect((await open.read('there')).toString()).toBe('the row');
  });

  test('lets nobody hide an object behind a delete marker, or delete a version past its lock', async () => {
    const stored = await s3Vault(admin, guarded, 'governance').put('locked', 'the row', options);
    const object = { Bucket: guarded, Key: stored.key };
    const ways = [
      object,
      { ...object, VersionId: stored.versionId },
      { ...object, VersionId: stored.versionId, BypassGovernanceRetention: true },
    ];
    for (const way of ways)
      await expect(admin.send(new DeleteObjectCommand(way))).rejects.toMatchObject({ name: 'AccessDenied' });
    const bulk = new DeleteObjectsCommand({
      Bucket: guarded,
      Delete: { Objects: [{ Key: stored.key }] },
    });
    const { Errors } = await admin.send(bulk).catch(() => ({ Errors: [{ Code: 'AccessDenied' }] }));
    expect(Errors?.map(({ Code }) => Code)).toEqual(['AccessDenied']);
    expect(await s3Vault(admin, guarded, 'governance').hidden('')).toEqual([]);
  });

  test('lets nobody but a deployment change the lifecycle or the default lock', async () => {
    const rule = { ID: 'soon', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } } as const;
    await expect(
      admin.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: guarded,
          LifecycleConfiguration: { Rules: [rule] },
        }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(
      admin.send(
        new PutObjectLockConfigurationCommand({
          Bucket: guarded,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
        }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
