import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';

const s3 = mockClient(S3Client);
const client = new S3Client({ region: 'us-east-1' });
const vault = s3Vault(client, 'vault', 'governance');
const stored = { key: 'rows/0/0.lbk', versionId: 'v1' };
const options = { contentType: 'application/octet-stream', lockedUntil: new Date('2026-11-04T02:00:00Z') };
const refused = (name: string) => Object.assign(new Error(name), { name });
const MiB = 1024 * 1024;

beforeEach(() => s3.reset());

/** 17 MiB: three parts. */
function* parts(): Generator<Buffer> {
  for (let i = 0; i < 17; i += 1) yield Buffer.alloc(MiB, i);
}

const multipart = () =>
  s3
    .on(CreateMultipartUploadCommand)
    .resolves({ UploadId: 'upload' })
    .on(UploadPartCommand)
    .resolves({ ETag: 'etag' })
    .on(AbortMultipartUploadCommand)
    .resolves({});

describe('a put', () => {
  test.each([
    ['governance', 'GOVERNANCE'],
    ['compliance', 'COMPLIANCE'],
  ] as const)('is conditional and carries its own lock, mode %s', async (lock, mode) => {
    s3.on(PutObjectCommand).resolves({ VersionId: 'v1' });
    expect(await s3Vault(client, 'vault', lock).put(stored.key, 'body', options)).toEqual(stored);
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'vault',
      Key: stored.key,
      Body: 'body',
      ContentType: 'application/octet-stream',
      IfNoneMatch: '*',
      ObjectLockMode: mode,
      ObjectLockRetainUntilDate: options.lockedUntil,
    });
  });

  test.each([
    ['PreconditionFailed', 'ObjectExists'],
    ['ConditionalRequestConflict', 'ObjectExists'],
    ['AccessDenied', 'AccessDenied'],
    ['SlowDown', 'SlowDown'],
  ])('that S3 refuses with %s throws %s', async (answer, thrown) => {
    s3.on(PutObjectCommand).rejects(refused(answer));
    await expect(vault.put(stored.key, 'body', options)).rejects.toMatchObject({ name: thrown });
  });

  test('into a bucket without versions is an error: a delete there would be final', async () => {
    s3.on(PutObjectCommand).resolves({});
    await expect(vault.put(stored.key, 'body', options)).rejects.toThrow(/versioning must be enabled/);
  });
});

describe('an upload', () => {
  test('of several parts is conditional at its end and carries its own lock', async () => {
    multipart().on(CompleteMultipartUploadCommand).resolves({ VersionId: 'v1' });
    expect(await vault.upload(stored.key, Readable.from(parts()), options)).toEqual(stored);
    expect(s3.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: options.lockedUntil,
    });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      IfNoneMatch: '*',
    });
    expect(s3.commandCalls(UploadPartCommand)).toHaveLength(3);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(0);
  });

  test.each([
    ['PreconditionFailed', 'ObjectExists'],
    ['AccessDenied', 'AccessDenied'],
  ])('whose end S3 refuses with %s throws %s', async (answer, thrown) => {
    multipart().on(CompleteMultipartUploadCommand).rejects(refused(answer));
    await expect(vault.upload(stored.key, Readable.from(parts()), options)).rejects.toMatchObject({
      name: thrown,
    });
  });

  const noSuchUpload = () => multipart().on(CompleteMultipartUploadCommand).rejects(refused('NoSuchUpload'));
  /** The CRC32 of the parts' CRC32s, as S3 writes it. */
  function checksum(): string {
    const whole = Buffer.concat([...parts()]);
    const each = [0, 8, 16].map((from) => crc32(whole.subarray(from * MiB, Math.min(from + 8, 17) * MiB)));
    const bytes = Buffer.alloc(12);
    for (const [index, part] of each.entries()) bytes.writeUInt32BE(part, 4 * index);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return `${sum.toString('base64')}-3`;
  }

  test('that S3 does not know any more is there where size and checksum are what was sent', async () => {
    noSuchUpload()
      .on(HeadObjectCommand)
      .resolves({ ContentLength: 17 * MiB, ChecksumCRC32: checksum(), VersionId: 'v1' });
    expect(await vault.upload(stored.key, Readable.from(parts()), options)).toEqual(stored);
    expect(s3.commandCalls(HeadObjectCommand)[0]?.args[0].input).toMatchObject({ ChecksumMode: 'ENABLED' });
  });

  test.each([
    ['another checksum', { ContentLength: 17 * MiB, ChecksumCRC32: 'AAAAAA==-3', VersionId: 'v1' }],
    ['another size', { ContentLength: 16 * MiB, ChecksumCRC32: checksum(), VersionId: 'v1' }],
    ['no checksum', { ContentLength: 17 * MiB, VersionId: 'v1' }],
  ])('that S3 does not know any more fails where the object has %s', async (_, head) => {
    noSuchUpload().on(HeadObjectCommand).resolves(head);
    await expect(vault.upload(stored.key, Readable.from(parts()), options)).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  test('that S3 does not know any more fails where there is no object', async () => {
    noSuchUpload().on(HeadObjectCommand).rejects(refused('NotFound'));
    await expect(vault.upload(stored.key, Readable.from(parts()), options)).rejects.toMatchObject({
      name: 'ObjectMissing',
    });
  });

  test('whose source fails is taken back and never completed', async () => {
    multipart();
    function* failing(): Generator<Buffer> {
      yield* parts();
      throw new RangeError('connection lost');
    }
    await expect(vault.upload(stored.key, Readable.from(failing()), options)).rejects.toThrow(
      'connection lost',
    );
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
    expect(s3.commandCalls(AbortMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      UploadId: 'upload',
    });
  });

  test('whose source fails before its first part sends nothing', async () => {
    s3.on(PutObjectCommand).resolves({ VersionId: 'v1' });
    function* failing(): Generator<Buffer> {
      yield Buffer.from('a few rows');
      throw new RangeError('connection lost');
    }
    await expect(vault.upload(stored.key, Readable.from(failing()), options)).rejects.toThrow(
      'connection lost',
    );
    expect(s3.calls()).toHaveLength(0);
  });

  test('whose part fails is taken back', async () => {
    multipart().on(UploadPartCommand).rejects(refused('SlowDown'));
    await expect(vault.upload(stored.key, Readable.from(parts()), options)).rejects.toMatchObject({
      name: 'SlowDown',
    });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });

  test('into a bucket without versions is an error', async () => {
    multipart().on(CompleteMultipartUploadCommand).resolves({});
    await expect(vault.upload(stored.key, Readable.from(parts()), options)).rejects.toThrow(
      /versioning must be enabled/,
    );
  });
});

describe('a read', () => {
  test('asks for the version that was written', async () => {
    s3.on(GetObjectCommand).rejects(refused('NoSuchVersion'));
    await expect(vault.open(stored)).rejects.toMatchObject({ name: 'ObjectMissing' });
    expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'vault',
      Key: stored.key,
      VersionId: 'v1',
    });
  });

  test.each([
    ['NoSuchKey', 'ObjectMissing'],
    ['NoSuchVersion', 'ObjectMissing'],
    ['AccessDenied', 'AccessDenied'],
    ['TimeoutError', 'TimeoutError'],
  ])('that S3 refuses with %s throws %s', async (answer, thrown) => {
    s3.on(GetObjectCommand).rejects(refused(answer));
    await expect(vault.read(stored.key)).rejects.toMatchObject({ name: thrown });
    await expect(vault.open(stored)).rejects.toMatchObject({ name: thrown });
  });
});

describe('an inspection', () => {
  test.each([
    ['GOVERNANCE', 'governance'],
    ['COMPLIANCE', 'compliance'],
    [undefined, null],
  ] as const)('tells the lock %s as %s', async (answer, lockMode) => {
    s3.on(HeadObjectCommand).resolves({
      ContentLength: 7,
      ...(answer ? { ObjectLockMode: answer } : {}),
      ObjectLockRetainUntilDate: options.lockedUntil,
      SSEKMSKeyId: 'arn:aws:kms:us-east-1:111122223333:key/1',
    });
    expect(await vault.inspect(stored)).toEqual({
      bytes: 7,
      lockMode,
      lockedUntil: options.lockedUntil,
      encryptionKey: 'arn:aws:kms:us-east-1:111122223333:key/1',
    });
    expect(s3.commandCalls(HeadObjectCommand)[0]?.args[0].input).toMatchObject({ VersionId: 'v1' });
  });

  test('of what S3 answers nothing about finds no bytes, no lock and no key', async () => {
    s3.on(HeadObjectCommand).resolves({});
    expect(await vault.inspect(stored)).toEqual({
      bytes: 0,
      lockMode: null,
      lockedUntil: null,
      encryptionKey: null,
    });
  });

  test.each([
    ['NotFound', 'ObjectMissing'],
    ['Forbidden', 'Forbidden'],
  ])('that S3 refuses with %s throws %s', async (answer, thrown) => {
    s3.on(HeadObjectCommand).rejects(refused(answer));
    await expect(vault.inspect(stored)).rejects.toMatchObject({ name: thrown });
  });
});

test('a list goes on to the last page', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({
      Contents: [{ Key: 'a' }, { Key: 'b' }],
      NextContinuationToken: 'more',
      IsTruncated: true,
    })
    .resolvesOnce({ Contents: [{ Key: 'c' }] });
  expect(await Array.fromAsync(vault.list('prefix/'))).toEqual(['a', 'b', 'c']);
  expect(s3.commandCalls(ListObjectsV2Command).map(({ args }) => args[0].input)).toMatchObject([
    { Bucket: 'vault', Prefix: 'prefix/' },
    { ContinuationToken: 'more' },
  ]);
});
