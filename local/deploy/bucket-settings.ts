import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  type ObjectLockConfiguration,
  type PublicAccessBlockConfiguration,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketReplicationCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type ReplicationConfiguration,
  type ReplicationRule,
  type S3Client,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3';
import type { Account } from '../account.ts';
import { lifecycleRule, type TemplateLifecycleRule } from './lifecycle-rule.ts';
import type { Setting } from './settings.ts';

interface TemplateEncryption {
  readonly ServerSideEncryptionConfiguration: readonly {
    readonly BucketKeyEnabled?: boolean;
    readonly ServerSideEncryptionByDefault: ServerSideEncryptionByDefault;
  }[];
}

type TemplateReplication = Omit<ReplicationConfiguration, 'Rules'> & {
  readonly Rules: readonly (Omit<ReplicationRule, 'ID'> & { readonly Id: string })[];
};

/** CloudFormation writes `Id` where S3 writes `ID`. The role stands there by its name (template.ts). */
function replicationOf(wanted: unknown, accountId: string): ReplicationConfiguration {
  const { Role, Rules } = wanted as TemplateReplication;
  return {
    Role: `arn:aws:iam::${accountId}:role/${Role}`,
    Rules: Rules.map(({ Id, ...rule }) => ({ ID: Id, ...rule })),
  };
}

/** The bucket properties that MiniStack's CloudFormation ignores and its S3 supports. */
export function bucketSettings(s3: S3Client, { accountId }: Pick<Account, 'accountId'>): Setting[] {
  const type = 'AWS::S3::Bucket';
  return [
    {
      type,
      property: 'ObjectLockConfiguration',
      apply: (Bucket, wanted) =>
        s3.send(
          new PutObjectLockConfigurationCommand({
            Bucket,
            ObjectLockConfiguration: wanted as ObjectLockConfiguration,
          }),
        ),
      observe: async (Bucket) =>
        (await s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration,
    },
    {
      type,
      property: 'BucketEncryption',
      apply: (Bucket, wanted) => {
        const rules = (wanted as TemplateEncryption).ServerSideEncryptionConfiguration;
        return s3.send(
          new PutBucketEncryptionCommand({
            Bucket,
            ServerSideEncryptionConfiguration: {
              Rules: rules.map(({ ServerSideEncryptionByDefault, BucketKeyEnabled = false }) => ({
                ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
                BucketKeyEnabled,
              })),
            },
          }),
        );
      },
      observe: async (Bucket) =>
        (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
    },
    {
      type,
      property: 'LifecycleConfiguration',
      apply: (Bucket, wanted) => {
        const { Rules } = wanted as { Rules: TemplateLifecycleRule[] };
        const LifecycleConfiguration = { Rules: Rules.map(lifecycleRule) };
        return s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
      },
      observe: async (Bucket) =>
        (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules,
    },
    {
      type,
      property: 'ReplicationConfiguration',
      apply: (Bucket, wanted) =>
        s3.send(
          new PutBucketReplicationCommand({
            Bucket,
            ReplicationConfiguration: replicationOf(wanted, accountId),
          }),
        ),
      observe: async (Bucket) =>
        (await s3.send(new GetBucketReplicationCommand({ Bucket }))).ReplicationConfiguration,
    },
    {
      type,
      property: 'PublicAccessBlockConfiguration',
      apply: (Bucket, wanted) =>
        s3.send(
          new PutPublicAccessBlockCommand({
            Bucket,
            PublicAccessBlockConfiguration: wanted as PublicAccessBlockConfiguration,
          }),
        ),
      observe: async (Bucket) =>
        (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    },
  ];
}
