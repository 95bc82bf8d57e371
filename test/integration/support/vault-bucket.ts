import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalAws } from '../../../local/start.ts';

/** A client as the account's root user. The caller destroys it. */
export function rootS3({ endpoint, region, accountId }: LocalAws): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
}

/** A bucket as the template makes the vault: versioned, with Object Lock. */
export async function createVaultBucket(s3: S3Client, name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  return name;
}
