import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LocalAws } from '../start.ts';

/** What stands in an account that costs money as long as it stands. */
export interface Standing {
  readonly instances: readonly string[];
  readonly snapshots: readonly string[];
  readonly secrets: readonly string[];
}

/** Looks into the account as its root user, in each of the Regions; names begin with the Region. */
export async function lookAround(aws: LocalAws, regions: readonly string[]): Promise<Standing> {
  const all = await Promise.all(regions.map((region) => lookInto(aws, region)));
  return {
    instances: all.flatMap(({ instances }) => instances),
    snapshots: all.flatMap(({ snapshots }) => snapshots),
    secrets: all.flatMap(({ secrets }) => secrets),
  };
}

async function lookInto({ endpoint, accountId }: LocalAws, region: string): Promise<Standing> {
  const settings = { region, endpoint, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  const rds = new RDSClient(settings);
  const secrets = new SecretsManagerClient(settings);
  const named = (name: string | undefined) => `${region} ${name}`;
  try {
    const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
    const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
    return {
      instances: DBInstances.map(({ DBInstanceIdentifier }) => named(DBInstanceIdentifier)),
      snapshots: DBSnapshots.map(({ DBSnapshotIdentifier }) => named(DBSnapshotIdentifier)),
      secrets: SecretList.map(({ Name }) => named(Name)),
    };
  } finally {
    rds.destroy();
    secrets.destroy();
  }
}
