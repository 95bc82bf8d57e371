import {
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  paginateDescribeDBSnapshots,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { foundOrNull } from '../../aws/service-error.ts';
import { settingsOfInstance } from './instance-settings.ts';
import { requestSnapshot, tagList } from './request-snapshot.ts';
import type { CopiedSnapshots, RegionSnapshots, SourceSnapshots, StoredSnapshot } from './snapshots.ts';

/** The snapshots of an RDS instance in the instance's own Region. */
export function instanceSnapshots(client: RDSClient, region: string, instance: string): SourceSnapshots {
  return {
    ...regionSnapshots(client, region, instance),
    source: () =>
      foundOrNull(async () => {
        const { DBInstances: [found] = [] } = await client.send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }),
        );
        return found
          ? {
              status: found.DBInstanceStatus ?? '',
              encrypted: found.StorageEncrypted === true,
              settings: settingsOfInstance(found),
            }
          : null;
      }),
    create: (name, tags) =>
      requestSnapshot(region, null, () =>
        client.send(
          new CreateDBSnapshotCommand({
            DBInstanceIdentifier: instance,
            DBSnapshotIdentifier: name,
            Tags: tagList(tags),
          }),
        ),
      ),
  };
}

/**
 * The copies of an RDS instance's snapshots in another Region.
 *
 * @param key alias of a KMS key of the other Region. A key never leaves its Region.
 */
export function copiedSnapshots(
  client: RDSClient,
  region: string,
  { instance, key }: { instance: string; key: string },
): CopiedSnapshots {
  return {
    ...regionSnapshots(client, region, instance),
    copy: ({ arn, name }, tags) =>
      requestSnapshot(region, key, () =>
        client.send(
          new CopyDBSnapshotCommand({
            // The SDK signs a second request, for the Region in this ARN.
            SourceDBSnapshotIdentifier: arn,
            TargetDBSnapshotIdentifier: name,
            KmsKeyId: key,
            // CopyTags would copy those that others put there.
            Tags: tagList(tags),
          }),
        ),
      ),
  };
}

/** The snapshots of an RDS instance in one Region, for reading and deleting. */
export function regionSnapshots(client: RDSClient, region: string, instance: string): RegionSnapshots {
  const ofType = async (SnapshotType?: string) => {
    const found: StoredSnapshot[] = [];
    const query = { DBInstanceIdentifier: instance, ...(SnapshotType && { SnapshotType }) };
    for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots({ client }, query))
      found.push(...DBSnapshots.map(storedSnapshot));
    return found;
  };
  return {
    region,
    list: () => ofType('manual'),
    // Without a type RDS lists those by hand and its own, and those of AWS Backup only when asked for them:
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshots.html
    listAll: async () => (await Promise.all([ofType(), ofType('awsbackup')])).flat(),
    find: (name) =>
      foundOrNull(async () => {
        const { DBSnapshots: [found] = [] } = await client.send(
          new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name }),
        );
        return found ? storedSnapshot(found) : null;
      }),
    async delete(name) {
      await foundOrNull(() => client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name })));
    },
  };
}

function storedSnapshot(snapshot: DBSnapshot): StoredSnapshot {
  const { TagList = [], OriginalSnapshotCreateTime, SnapshotCreateTime } = snapshot;
  return {
    name: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    type: snapshot.SnapshotType ?? '',
    status: snapshot.Status ?? '',
    takenAt: OriginalSnapshotCreateTime ?? SnapshotCreateTime ?? null,
    percent: snapshot.PercentProgress ?? 0,
    encrypted: snapshot.Encrypted === true,
    key: snapshot.KmsKeyId ?? null,
    gibibytes: snapshot.AllocatedStorage ?? 0,
    tags: Object.fromEntries(TagList.map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}
