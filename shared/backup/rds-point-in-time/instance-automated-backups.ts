import {
  type DBInstanceAutomatedBackup,
  DescribeDBInstancesCommand,
  paginateDescribeDBInstanceAutomatedBackups,
  type RDSClient,
  StartDBInstanceAutomatedBackupsReplicationCommand,
} from '@aws-sdk/client-rds';
import { classifyServiceError } from '../../aws/service-error.ts';
import { requested } from '../rds-request.ts';
import type {
  AutomatedBackups,
  CopiedAutomatedBackups,
  RegionAutomatedBackups,
  SourceAutomatedBackups,
} from './automated-backups.ts';
import { ReplicationKeyUnusable } from './point-in-time-errors.ts';

/** The automated backups of an RDS instance in the instance's own Region. */
export function instanceAutomatedBackups(
  client: RDSClient,
  region: string,
  instance: string,
): SourceAutomatedBackups {
  return {
    ...automatedBackupsIn(client, region, { instance, from: region }),
    async instance() {
      try {
        const { DBInstances = [] } = await client.send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }),
        );
        const [found] = DBInstances;
        if (!found) return null;
        return {
          status: found.DBInstanceStatus ?? '',
          arn: found.DBInstanceArn ?? '',
          resourceId: found.DbiResourceId ?? '',
          encrypted: found.StorageEncrypted === true,
          retentionDays: found.BackupRetentionPeriod ?? 0,
          latest: found.LatestRestorableTime ?? null,
        };
      } catch (error) {
        if (classifyServiceError(error) === 'missing') return null;
        throw error;
      }
    },
  };
}

/**
 * The copies of an RDS instance's automated backups in another Region.
 *
 * @param from the Region of the instance
 * @param key alias of a KMS key of the other Region. A key never leaves its Region.
 */
export function copiedAutomatedBackups(
  client: RDSClient,
  region: string,
  { instance, from, key }: { instance: string; from: string; key: string },
): CopiedAutomatedBackups {
  return {
    ...automatedBackupsIn(client, region, { instance, from }),
    start: (instanceArn, retentionDays) =>
      requested(
        region,
        () =>
          client.send(
            new StartDBInstanceAutomatedBackupsReplicationCommand({
              // The SDK signs a second request, for the Region in this ARN.
              SourceDBInstanceArn: instanceArn,
              BackupRetentionPeriod: retentionDays,
              KmsKeyId: key,
            }),
          ),
        {
          begun: /^DBInstanceAutomatedBackupAlreadyExists/,
          quota: /^DBInstanceAutomatedBackupQuotaExceeded/,
          quotaOf: 'replicated automated backups',
          keyUnusable: (words) =>
            new ReplicationKeyUnusable(`KMS key "${key}" cannot be used in ${region}: ${words}`, {
              hint: 'create or enable the key in that Region, and let the role of keep-point-in-time use it',
            }),
        },
      ),
  };
}

/** What RDS keeps of an instance in one Region, started by Lifeboat or by anyone else. */
export function automatedBackupsIn(
  client: RDSClient,
  region: string,
  { instance, from }: { instance: string; from: string },
): RegionAutomatedBackups {
  return {
    region,
    async find() {
      const found: DBInstanceAutomatedBackup[] = [];
      const query = { DBInstanceIdentifier: instance };
      try {
        const pages = paginateDescribeDBInstanceAutomatedBackups({ client }, query);
        for await (const { DBInstanceAutomatedBackups = [] } of pages)
          found.push(...DBInstanceAutomatedBackups);
      } catch (error) {
        if (classifyServiceError(error) !== 'missing') throw error;
      }
      const [newest] = found
        // The other Region can have an instance of the same name.
        .filter(({ DBInstanceArn = '' }) => DBInstanceArn.includes(`:${from}:`))
        .map(automatedBackups)
        .sort((one, other) => rank(other) - rank(one));
      return newest ?? null;
    },
  };
}

/** The present instance's first, then the ones that reach the furthest. */
function rank({ status, window }: AutomatedBackups): number {
  return status === 'retained' ? (window?.latest.getTime() ?? 0) : Number.POSITIVE_INFINITY;
}

function automatedBackups(found: DBInstanceAutomatedBackup): AutomatedBackups {
  const { EarliestTime, LatestTime } = found.RestoreWindow ?? {};
  return {
    status: found.Status ?? '',
    resourceId: found.DbiResourceId ?? '',
    arn: found.DBInstanceAutomatedBackupsArn ?? '',
    retentionDays: found.BackupRetentionPeriod ?? 0,
    window: EarliestTime && LatestTime ? { earliest: EarliestTime, latest: LatestTime } : null,
    key: found.Encrypted === true ? (found.KmsKeyId ?? null) : null,
  };
}
