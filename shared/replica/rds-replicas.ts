import { type DBInstance, DescribeDBInstancesCommand, type RDSClient } from '@aws-sdk/client-rds';
import { foundOrNull } from '../aws/service-error.ts';
import type { RdsReplica, Replicas } from './replica.ts';

/** The read replicas of RDS in one Region. */
export function rdsReplicas(client: RDSClient, region: string): Replicas {
  return {
    region,
    find: (name) =>
      foundOrNull(async () => {
        const { DBInstances: [found] = [] } = await client.send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
        );
        return found ? replicaOf(found) : null;
      }),
  };
}

function replicaOf(found: DBInstance): RdsReplica {
  const { Address: host, Port: port } = found.Endpoint ?? {};
  return {
    status: found.DBInstanceStatus ?? '',
    source: found.ReadReplicaSourceDBInstanceIdentifier ?? null,
    broken: brokenBecause(found),
    address: host === undefined || port === undefined ? null : { host, port },
  };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceStatusInfo.html */
function brokenBecause({ StatusInfos = [] }: DBInstance): string | null {
  const replication = StatusInfos.find(({ StatusType }) => StatusType === 'read replication');
  if (replication?.Normal !== false) return null;
  return [replication.Status, replication.Message].filter(Boolean).join(': ');
}
