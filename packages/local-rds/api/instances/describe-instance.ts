import type { DBInstance, DBInstanceStatusInfo } from '@aws-sdk/client-rds';
import type { Instance } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import type { Service } from '../service.ts';
import { shownSubnetGroup } from '../subnet-groups/subnet-group.ts';
import { clusterIfThere, instanceArn } from './instance.ts';

/** An instance as the API describes it now: what is stored, and what its cluster says. */
export async function describeInstance(service: Service, instance: Instance): Promise<DBInstance> {
  const { state } = service;
  const followers = state.instances
    .all()
    .filter(({ follows }) => follows?.source === instanceArn(instance) && !follows.ended);
  const replications = state.automatedBackups
    .all()
    .filter(({ name, replicates }) => name === instance.shown.DbiResourceId && replicates !== undefined);
  const info = await replicationInfo(service, instance);
  const group = shownSubnetGroup(service, instance, instance.shown.DBSubnetGroup?.DBSubnetGroupName);
  return {
    ...instance.shown,
    DBInstanceStatus: instance.status,
    DBSubnetGroup: group ?? instance.shown.DBSubnetGroup,
    LatestRestorableTime: await latestRestorableTime(service, instance),
    // In the same Region by name, elsewhere by ARN.
    ReadReplicaDBInstanceIdentifiers: followers.map((replica) =>
      replica.region === instance.region && replica.account === instance.account
        ? replica.name
        : instanceArn(replica),
    ),
    DBInstanceAutomatedBackupsReplications: replications.map(({ shown }) => ({
      DBInstanceAutomatedBackupsArn: shown.DBInstanceAutomatedBackupsArn,
    })),
    ...(info && { StatusInfos: [info] }),
    ...(instance.status === 'stopped' && { AutomaticRestartTime: instance.shown.AutomaticRestartTime }),
  };
}

/** Undefined for an instance without automated backups, or before its first. */
export async function latestRestorableTime(service: Service, instance: Instance): Promise<Date | undefined> {
  const backup = service.state.automatedBackups.get(instance, instance.shown.DbiResourceId ?? '');
  if (!backup || backup.bases.length === 0) return undefined;
  const cluster = await clusterIfThere(service, instance);
  return (await cluster?.archive.latestRestorableTime()) ?? undefined;
}

/** What RDS says of a replica: that it replicates, that it stopped, or that it is cut off from its source for good. */
async function replicationInfo(
  service: Service,
  instance: Instance,
): Promise<DBInstanceStatusInfo | undefined> {
  const { follows } = instance;
  const cluster = follows && (await clusterIfThere(service, instance));
  if (!follows || !cluster) return undefined;
  const StatusType = 'read replication';
  if (follows.ended !== undefined)
    return { StatusType, Normal: false, Status: 'terminated', Message: follows.ended };
  const streaming = cluster.running() && ((await cluster.replica?.streaming().catch(() => false)) ?? false);
  return streaming
    ? { StatusType, Normal: true, Status: 'replicating' }
    : { StatusType, Normal: false, Status: 'stopped', Message: `No stream from ${follows.source}.` };
}

export const namedInstanceArn = (call: Parameters<typeof arnOf>[0], name: string | undefined) =>
  name?.startsWith('arn:') ? name : arnOf(call, 'db', (name ?? '').toLowerCase());
