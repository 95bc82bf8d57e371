import { HeadObjectCommand, type ReplicationStatus, type S3Client } from '@aws-sdk/client-s3';

/**
 * Whether the other Region has a copy of an object. `not asked for`: the object is older than the replication, which copies only
 * what is written after it began.
 */
export type ReplicationState = 'replicated' | 'pending' | 'failed' | 'not asked for';

/** Asks what became of an object's copy. Without a version it asks for the current one. */
export type ReplicationOf = (object: {
  readonly key: string;
  readonly versionId?: string;
}) => Promise<ReplicationState>;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html */
const STATES: Readonly<Record<ReplicationStatus, ReplicationState>> = {
  COMPLETE: 'replicated',
  COMPLETED: 'replicated',
  PENDING: 'pending',
  FAILED: 'failed',
  REPLICA: 'replicated',
};

/** Asks S3, by the replication status of the source object. */
export function s3Replication(s3: S3Client, bucket: string): ReplicationOf {
  return async ({ key, versionId }) => {
    const { ReplicationStatus } = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
    );
    return ReplicationStatus ? STATES[ReplicationStatus] : 'not asked for';
  };
}
