import { Readable } from 'node:stream';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { ObjectExists, PROVISIONAL, type Vault } from '../../shared/vault/vault.ts';
import { describeVault } from '../contract/vault.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createVaultBucket, rootS3 } from './support/vault-bucket.ts';
import { vaultKeyPolicyFor, vaultPolicyFor } from './support/vault-policy.ts';

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

  test('names the first version of what was written over, and not what was written in its place', async () => {
    await vault.put('covered/there', 'x', options);
    const stored = await vault.put('covered/forged', 'the row', options);
    for (const Body of ['forged', 'forged again'])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'covered/forged', Body }));
    expect(await vault.hidden('covered/')).toEqual([stored]);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'covered/forged' }));
    expect(await vault.hidden('covered/')).toEqual([stored]);
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

/** A user who may do everything with S3 and KMS. The local AWS does not bind the account's root user by bucket policies, as AWS does. */
async function administrator({ endpoint, region, accountId }: TestAccount, UserName: string) {
  const iam = new IAMClient({
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
  const Statement = [{ Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  const arn = `arn:aws:iam::${accountId}:user/${UserName}`;
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return { endpoint, region, credentials, arn };
}

describe("the policy of the template's vault", () => {
  const options = { contentType: 'text/plain', lockedUntil: new Date('2036-01-01T00:00:00Z') };
  let guarded: string;
  let admin: S3Client;
  /** Stands for the role that takes backups. */
  let backups: S3Client;
  beforeAll(async () => {
    admin = new S3Client(await administrator(aws, 'keeper-of-objects'));
    const { arn, ...as } = await administrator(aws, 'taker-of-backups');
    backups = new S3Client(as);
    guarded = await createVaultBucket(s3, 'guarded');
    const Policy = vaultPolicyFor(guarded, arn);
    await s3.send(new PutBucketPolicyCommand({ Bucket: guarded, Policy }));
  });

  afterAll(() => {
    admin?.destroy();
    backups?.destroy();
  });

  test('lets objects be written, kept and read', async () => {
    const open = s3Vault(backups, guarded, 'governance');
    const stored = await open.put('there', 'the row', { ...options, provisional: true });
    await open.keep(stored, options.lockedUntil);
    expect((await open.read('there')).toString()).toBe('the row');
  });

  test('lets nobody but backups tag what the lifecycle then expires', async () => {
    const stored = await s3Vault(admin, guarded, 'governance').put('tagged', 'the row', options);
    const object = { Bucket: guarded, Key: stored.key, Tagging: { TagSet: [PROVISIONAL] } };
    for (const way of [object, { ...object, VersionId: stored.versionId }])
      await expect(admin.send(new PutObjectTaggingCommand(way))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    await backups.send(new PutObjectTaggingCommand(object));
  });

  test('lets objects be uploaded in parts', async () => {
    const body = Readable.from(Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024)));
    const stored = await s3Vault(admin, guarded, 'governance').upload('in-parts', body, options);
    expect((await s3Vault(admin, guarded, 'governance').inspect(stored)).bytes).toBe(17 * 1024 * 1024);
  });

  test('lets nobody write over an object: not at once, not in parts, not by a copy', async () => {
    const open = s3Vault(admin, guarded, 'governance');
    await open.put('written', 'the row', options);
    await open.put('other', 'another row', options);
    const object = { Bucket: guarded, Key: 'written' };
    const denied = { name: 'AccessDenied' };
    await expect(admin.send(new PutObjectCommand({ ...object, Body: 'forged' }))).rejects.toMatchObject(
      denied,
    );
    await expect(
      admin.send(new CopyObjectCommand({ ...object, CopySource: `${guarded}/other` })),
    ).rejects.toMatchObject(denied);
    const { UploadId } = await admin.send(new CreateMultipartUploadCommand(object));
    const part = { ...object, UploadId, PartNumber: 1 };
    const { ETag } = await admin.send(new UploadPartCommand({ ...part, Body: 'forged' }));
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await expect(
      admin.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload })),
    ).rejects.toMatchObject(denied);
    expect((await open.read('written')).toString()).toBe('the row');
    // A write that demands an empty key is allowed, and finds that it is not empty.
    await expect(open.put('written', 'forged', options)).rejects.toThrow(ObjectExists);
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

describe("the policy of the key of the template's vault", () => {
  let admin: KMSClient;
  let KeyId: string;
  beforeAll(async () => {
    const as = await administrator(aws, 'keeper-of-keys');
    admin = new KMSClient(as);
    const { KeyMetadata } = await admin.send(
      new CreateKeyCommand({ Policy: vaultKeyPolicyFor(aws.accountId) }),
    );
    KeyId = KeyMetadata?.KeyId ?? '';
  });
  afterAll(() => admin?.destroy());

  test('lets the key be used and described', async () => {
    await admin.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect((await admin.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('Enabled');
  });

  test('lets nobody but a deployment schedule its deletion or disable it', async () => {
    for (const command of [
      new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
      new DisableKeyCommand({ KeyId }),
    ])
      await expect(admin.send(command as DisableKeyCommand)).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    expect((await admin.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('Enabled');
  });

  test('can be changed first, by a call of its own', async () => {
    const { Statement, ...document } = JSON.parse(vaultKeyPolicyFor(aws.accountId));
    const without = Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    const Policy = JSON.stringify({ ...document, Statement: without });
    await admin.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await admin.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  });
});
