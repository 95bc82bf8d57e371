import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { Account } from '../../../local/account.ts';

/** A client as the account's root user. The caller destroys it. */
export function rootS3({ endpoint, region, accountId }: Account): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
}

/**
 * A bucket configured like the template's vault: versioned, with Object Lock.
 *
 * @returns its name, which begins with the given one: bucket names are shared by all AWS accounts
 */
export async function createVaultBucket(s3: S3Client, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  return name;
}
