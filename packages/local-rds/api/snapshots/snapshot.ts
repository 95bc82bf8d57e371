import type { DBSnapshot } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Scope, Stored } from '../../state/collection.ts';
import { type Instance, keptOfInstance, type Snapshot, type SnapshotStatus } from '../../state/things.ts';
import { arnOf, parseArn } from '../arn.ts';
import { snapshotEvent } from '../events.ts';
import { newIdentifier } from '../identifiers.ts';
import { type Call, requireUp, type Service } from '../service.ts';

export const snapshotArn = (snapshot: Stored) => arnOf(snapshot, 'snapshot', snapshot.name);

/**
 * The snapshot that a request names. By name only the caller's own, in the request's Region; by ARN also one that
 * another account shares. Throws DBSnapshotNotFoundFault.
 */
export function snapshotNamed(call: Call, identifier: string | undefined): Snapshot {
  const arn = parseArn(identifier ?? '');
  const scope: Scope = arn ?? call;
  const name = (arn?.name ?? identifier ?? '').toLowerCase();
  const found =
    !arn || (arn.kind === 'snapshot' && arn.region === call.region)
      ? call.service.state.snapshots.get(scope, name)
      : undefined;
  return found && mayRestore(found, call.account) ? found : noSnapshot(identifier);
}

/** The snapshot behind an ARN, in whichever Region it is, if the account may restore it. */
export function snapshotByArn(service: Service, text: string, account: string): Snapshot {
  const arn = parseArn(text);
  if (arn) requireUp(service, arn.region);
  const found = arn?.kind === 'snapshot' ? service.state.snapshots.get(arn, arn.name) : undefined;
  return found && mayRestore(found, account) ? found : noSnapshot(text);
}

export function mayRestore(snapshot: Snapshot, account: string): boolean {
  return snapshot.account === account || [account, 'all'].some((who) => snapshot.restorableBy.includes(who));
}

function noSnapshot(identifier: string | undefined): never {
  throw new Fault('DBSnapshotNotFoundFault', `DBSnapshot not found: ${identifier}`);
}

/** Throws InvalidDBSnapshotStateFault unless the snapshot can be read. */
export function requireAvailable(snapshot: Snapshot): void {
  if (snapshot.status === 'available') return;
  throw new Fault(
    'InvalidDBSnapshotStateFault',
    `The snapshot ${snapshot.name} is not in available state: it is ${snapshot.status}.`,
  );
}

/** The name of a new manual snapshot. Throws DBSnapshotAlreadyExistsFault, SnapshotQuotaExceededFault, InvalidParameterValue. */
export function newSnapshotName(call: Call, parameter: string, identifier: string | undefined): string {
  const name = newIdentifier(parameter, identifier, 255);
  const { state, quotas } = call.service;
  if (state.snapshots.get(call, name)) {
    throw new Fault(
      'DBSnapshotAlreadyExistsFault',
      `Cannot create the snapshot because a snapshot with the identifier ${name} already exists.`,
    );
  }
  const manual = state.snapshots.list(call).filter(({ shown }) => shown.SnapshotType === 'manual');
  if (manual.length >= quotas.manualSnapshots) {
    throw new Fault(
      'SnapshotQuotaExceededFault',
      `Cannot create more than ${quotas.manualSnapshots} manual snapshots`,
    );
  }
  return name;
}

/** Writes down a snapshot that is about to be taken of an instance. */
export function announceSnapshot(
  service: Service,
  instance: Instance,
  name: string,
  type: 'manual' | 'automated',
  tags: DBSnapshot['TagList'] = [],
): Snapshot {
  const { account, region, shown: from } = instance;
  const created = service.state.snapshots.put({
    account,
    region,
    name,
    status: 'creating',
    folder: service.backups.next(),
    restorableBy: [],
    of: keptOf(instance),
    shown: {
      DBSnapshotIdentifier: name,
      DBSnapshotArn: arnOf(instance, 'snapshot', name),
      DBInstanceIdentifier: instance.name,
      DbiResourceId: from.DbiResourceId,
      SnapshotType: type,
      SnapshotTarget: 'region',
      Engine: from.Engine,
      EngineVersion: from.EngineVersion,
      LicenseModel: from.LicenseModel,
      AllocatedStorage: from.AllocatedStorage,
      StorageType: from.StorageType,
      Iops: from.Iops,
      StorageThroughput: from.StorageThroughput,
      AvailabilityZone: from.AvailabilityZone,
      VpcId: from.DBSubnetGroup?.VpcId,
      Port: from.Endpoint?.Port,
      MasterUsername: from.MasterUsername,
      OptionGroupName: from.OptionGroupMemberships?.[0]?.OptionGroupName,
      Encrypted: from.StorageEncrypted,
      KmsKeyId: from.KmsKeyId,
      InstanceCreateTime: from.InstanceCreateTime,
      IAMDatabaseAuthenticationEnabled: from.IAMDatabaseAuthenticationEnabled,
      MultiTenant: false,
      DedicatedLogVolume: false,
      TagList: [...(from.CopyTagsToSnapshot ? (from.TagList ?? []) : []), ...tags],
    },
  });
  snapshotEvent(service, created, 'creation', `Creating ${type} snapshot`);
  return created;
}

export const keptOf = ({ shown }: Instance): Snapshot['of'] =>
  Object.fromEntries(keptOfInstance.map((key) => [key, shown[key]]));

/** Changes what is stored of a snapshot as it is now. */
export function changeSnapshot(
  service: Service,
  { account, region, name }: Stored,
  changed: Partial<Pick<Snapshot, 'status' | 'reason' | 'copying' | 'restorableBy' | 'folder'>> & {
    readonly shown?: Partial<DBSnapshot>;
  },
): Snapshot {
  const current = service.state.snapshots.get({ account, region }, name);
  if (!current) throw new Error(`The snapshot ${name} is gone.`);
  return service.state.snapshots.put({
    ...current,
    ...changed,
    shown: { ...current.shown, ...changed.shown },
  });
}

/** A snapshot that could not be made: nothing of it is left but its name and the reason. */
export async function snapshotFailed(service: Service, snapshot: Snapshot, error: Error): Promise<void> {
  await service.backups.delete(snapshot.folder);
  changeSnapshot(service, snapshot, { status: 'failed', reason: error.message, copying: undefined });
  snapshotEvent(service, snapshot, 'failure', `The snapshot failed: ${error.message}`);
}

/** Whether a snapshot is the caller's own, shared with it, or public; `manual` and `automated` are the caller's own. */
export function typeFor(snapshot: Snapshot, account: string): string | undefined {
  if (snapshot.account === account) return snapshot.shown.SnapshotType;
  return snapshot.restorableBy.includes(account) ? 'shared' : 'public';
}

/** As the API describes it. To another account it is `shared` or `public`, and its identifier is its ARN. */
export function describeSnapshot(snapshot: Snapshot, account = snapshot.account): DBSnapshot {
  const progress: Record<SnapshotStatus, number> = { creating: 0, available: 100, deleting: 100, failed: 0 };
  return {
    ...snapshot.shown,
    ...(snapshot.account !== account && {
      DBSnapshotIdentifier: snapshotArn(snapshot),
      SnapshotType: typeFor(snapshot, account),
    }),
    Status: snapshot.status,
    PercentProgress: progress[snapshot.status],
  };
}
