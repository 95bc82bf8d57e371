import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  paginateDescribeDBClusterSnapshots,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { foundOrNull } from '../../aws/service-error.ts';
import { requestSnapshot, tagList } from './request-snapshot.ts';
import type { CopiedSnapshots, RegionSnapshots, SourceSnapshots, StoredSnapshot } from './snapshots.ts';

/** On copies: RDS tells of the copy of a cluster snapshot when it was copied, and not when its original was taken. */
const TAKEN_AT_TAG = 'lifeboat:taken-at';

/** The snapshots of an Aurora cluster in the cluster's own Region. */
export function clusterSnapshots(client: RDSClient, region: string, cluster: string): SourceSnapshots {
  return {
    ...regionClusterSnapshots(client, region, cluster),
    source: () =>
      foundOrNull(async () => {
        const { DBClusters: [found] = [] } = await client.send(
          new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }),
        );
        return found
          ? { status: found.Status ?? '', encrypted: found.StorageEncrypted === true, settings: null }
          : null;
      }),
    create: (name, tags) =>
      requestSnapshot(region, null, () =>
        client.send(
          new CreateDBClusterSnapshotCommand({
            DBClusterIdentifier: cluster,
            DBClusterSnapshotIdentifier: name,
            Tags: tagList(tags),
          }),
        ),
      ),
  };
}

/**
 * The copies of an Aurora cluster's snapshots in another Region.
 *
 * @param key alias of a KMS key of the other Region. A key never leaves its Region.
 */
export function copiedClusterSnapshots(
  client: RDSClient,
  region: string,
  { cluster, key }: { cluster: string; key: string },
): CopiedSnapshots {
  return {
    ...regionClusterSnapshots(client, region, cluster),
    copy: ({ arn, name, takenAt }, tags) =>
      requestSnapshot(region, key, () =>
        client.send(
          new CopyDBClusterSnapshotCommand({
            // The SDK signs a second request, for the Region in this ARN.
            SourceDBClusterSnapshotIdentifier: arn,
            TargetDBClusterSnapshotIdentifier: name,
            KmsKeyId: key,
            // CopyTags would copy those that others put there.
            Tags: tagList({ ...tags, ...(takenAt && { [TAKEN_AT_TAG]: takenAt.toISOString() }) }),
          }),
        ),
      ),
  };
}

/** The snapshots of an Aurora cluster in one Region, for reading and deleting. */
export function regionClusterSnapshots(client: RDSClient, region: string, cluster: string): RegionSnapshots {
  const ofType = async (SnapshotType?: string) => {
    const found: StoredSnapshot[] = [];
    const query = { DBClusterIdentifier: cluster, ...(SnapshotType && { SnapshotType }) };
    for await (const { DBClusterSnapshots = [] } of paginateDescribeDBClusterSnapshots({ client }, query))
      found.push(...DBClusterSnapshots.map(storedSnapshot));
    return found;
  };
  return {
    region,
    list: () => ofType('manual'),
    // Without a type RDS lists those by hand and its own, and those of AWS Backup only when asked for them:
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterSnapshots.html
    listAll: async () => (await Promise.all([ofType(), ofType('awsbackup')])).flat(),
    find: (name) =>
      foundOrNull(async () => {
        const { DBClusterSnapshots: [found] = [] } = await client.send(
          new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name }),
        );
        return found ? storedSnapshot(found) : null;
      }),
    async delete(name) {
      await foundOrNull(() =>
        client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name })),
      );
    },
  };
}

function storedSnapshot(snapshot: DBClusterSnapshot): StoredSnapshot {
  const tags = Object.fromEntries((snapshot.TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return {
    name: snapshot.DBClusterSnapshotIdentifier ?? '',
    arn: snapshot.DBClusterSnapshotArn ?? '',
    type: snapshot.SnapshotType ?? '',
    status: snapshot.Status ?? '',
    takenAt: takenAtOf(snapshot, tags[TAKEN_AT_TAG]),
    percent: snapshot.PercentProgress ?? 0,
    encrypted: snapshot.StorageEncrypted === true,
    key: snapshot.KmsKeyId ?? null,
    gibibytes: snapshot.AllocatedStorage ?? 0,
    tags,
  };
}

function takenAtOf(
  { SnapshotCreateTime, SourceDBClusterSnapshotArn }: DBClusterSnapshot,
  tagged: string | undefined,
): Date | null {
  if (!SourceDBClusterSnapshotArn) return SnapshotCreateTime ?? null;
  const at = new Date(tagged ?? '');
  return Number.isNaN(at.getTime()) ? (SnapshotCreateTime ?? null) : at;
}
