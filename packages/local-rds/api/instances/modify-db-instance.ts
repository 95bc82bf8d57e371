import type {
  DBInstance,
  ModifyDBInstanceCommandInput as Input,
  PendingModifiedValues,
} from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { endAutomatedBackup } from '../automated-backups/end-automated-backup.ts';
import { checkEngine } from '../catalog/engine.ts';
import { zonesOf } from '../catalog/instance-classes.ts';
import { instanceEvent } from '../events.ts';
import { checkMasterPassword } from '../identifiers.ts';
import { parameterGroupNamed } from '../parameter-groups/parameter-group.ts';
import type { Call, Service } from '../service.ts';
import { backUpAndOpen, startServer } from './become-available.ts';
import { certificateDetails } from './certificate-details.ts';
import { checkedSettings, type GivenSettings, takesIops } from './checked-settings.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { beginOperation, change, clusterOf, instanceArn, instanceNamed, requireStatus } from './instance.ts';
import { deleteSecret, keepNewPassword, type SecretChange, secretChange } from './master-secret.ts';
import { newInstanceName } from './new-instance.ts';
import { requireFreePort, requireUnclaimedPort } from './port.ts';
import { rename } from './rename.ts';

/** What waits for the maintenance window unless the request says ApplyImmediately. */
type Deferred = Pick<
  PendingModifiedValues,
  | 'AllocatedStorage'
  | 'BackupRetentionPeriod'
  | 'DBInstanceClass'
  | 'DBInstanceIdentifier'
  | 'Iops'
  | 'MultiAZ'
  | 'StorageThroughput'
  | 'StorageType'
>;

/** What the work has to do beyond what is stored at once. The password is in no record. */
interface Immediate {
  readonly password: string | undefined;
  readonly secret?: SecretChange | undefined;
  readonly port: number | undefined;
}

export const modifyDBInstance = action('ModifyDBInstance', {
  parameters: [
    'AllocatedStorage',
    'AllowMajorVersionUpgrade',
    'ApplyImmediately',
    'AutoMinorVersionUpgrade',
    'BackupRetentionPeriod',
    'CACertificateIdentifier',
    'CopyTagsToSnapshot',
    'DBInstanceClass',
    'DBInstanceIdentifier',
    'DBParameterGroupName',
    'DBPortNumber',
    'DeletionProtection',
    'EnableIAMDatabaseAuthentication',
    'EngineVersion',
    'Iops',
    'ManageMasterUserPassword',
    'MasterUserPassword',
    'MasterUserSecretKmsKeyId',
    'MaxAllocatedStorage',
    'MonitoringInterval',
    'MonitoringRoleArn',
    'MultiAZ',
    'NewDBInstanceIdentifier',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
    'PubliclyAccessible',
    'RotateMasterUserPassword',
    'StorageThroughput',
    'StorageType',
    'VpcSecurityGroupIds',
  ],
  resources: (call, input) => [
    namedInstanceArn(call, input.DBInstanceIdentifier),
    ...(input.DBParameterGroupName ? [arnOf(call, 'pg', input.DBParameterGroupName.toLowerCase())] : []),
  ],
  async perform(call, input) {
    const { service } = call;
    await requireFreePort(input.DBPortNumber);
    const secret = await secretChange(call, input, instanceNamed(call, input.DBInstanceIdentifier).shown);
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    requireUnclaimedPort(service, input.DBPortNumber, instance);
    requireStatus(instance, ['available', 'storage-full'], 'Database instance is not in available state.');
    checkEngine(service, undefined, input.EngineVersion);
    const password =
      input.MasterUserPassword === undefined ? undefined : checkMasterPassword(input.MasterUserPassword);
    if (instance.follows && (password !== undefined || secret?.keep)) {
      throw new Fault(
        'InvalidParameterCombination',
        'The master password of a replica is that of its source.',
      );
    }
    refuseEndOfBackups(service, instance, input.BackupRetentionPeriod);
    const checked = checkedSettings(withWaiting(instance.shown, input), instance.shown);
    const stored = storedAtOnce(call, instance, input, checked);
    const pending: PendingModifiedValues = {
      ...pendingOf(call, instance, input, checked),
      ...(input.DBPortNumber !== undefined && { Port: input.DBPortNumber }),
    };
    change(service, instance, { shown: { ...stored, PendingModifiedValues: pending } });
    const atOnce = password !== undefined || secret !== undefined || input.DBPortNumber !== undefined;
    if (input.ApplyImmediately !== true && !atOnce) {
      return { DBInstance: await describeInstance(service, instanceNamed(call, instance.name)) };
    }
    const { status } = instance;
    const all = input.ApplyImmediately === true;
    const modifying = beginOperation(service, instance, {
      work: { kind: 'modify', all },
      status: 'modifying',
      run: (signal) =>
        modify(service, instance, { password, secret, port: input.DBPortNumber }, all, status, signal),
      failed(error) {
        change(service, instance, { status, work: undefined, shown: { PendingModifiedValues: {} } });
        instanceEvent(service, instance, 'failure', `The modification failed: ${error.message}`);
      },
    });
    const shown = await describeInstance(service, modifying);
    const hidden = password === undefined ? {} : { MasterUserPassword: '****' };
    return { DBInstance: { ...shown, PendingModifiedValues: { ...shown.PendingModifiedValues, ...hidden } } };
  },
});

/** Changes that RDS makes without an outage, whatever ApplyImmediately says. */
function storedAtOnce(
  call: Call,
  instance: Instance,
  input: Input,
  checked: Partial<DBInstance>,
): Partial<DBInstance> {
  const { shown } = instance;
  const { PreferredBackupWindow, PreferredMaintenanceWindow, AutoMinorVersionUpgrade } = checked;
  const group =
    input.DBParameterGroupName === undefined
      ? undefined
      : parameterGroupNamed(call, input.DBParameterGroupName);
  return {
    PreferredBackupWindow,
    PreferredMaintenanceWindow,
    AutoMinorVersionUpgrade,
    MaxAllocatedStorage: checked.MaxAllocatedStorage,
    ...(keepsBackups(shown) &&
      keepsBackups(checked) && { BackupRetentionPeriod: checked.BackupRetentionPeriod }),
    // A new group waits for a reboot with all of its parameters, dynamic ones too.
    ...(group &&
      group.name !== instance.shown.DBParameterGroups?.[0]?.DBParameterGroupName && {
        DBParameterGroups: [{ DBParameterGroupName: group.name, ParameterApplyStatus: 'pending-reboot' }],
      }),
    ...(input.VpcSecurityGroupIds && {
      VpcSecurityGroups: input.VpcSecurityGroupIds.map((VpcSecurityGroupId) => ({
        VpcSecurityGroupId,
        Status: 'active',
      })),
    }),
    ...(input.CACertificateIdentifier !== undefined && {
      CACertificateIdentifier: input.CACertificateIdentifier,
      CertificateDetails: certificateDetails(input.CACertificateIdentifier),
    }),
    ...(input.CopyTagsToSnapshot !== undefined && { CopyTagsToSnapshot: input.CopyTagsToSnapshot }),
    ...(input.DeletionProtection !== undefined && { DeletionProtection: input.DeletionProtection }),
    ...(input.PubliclyAccessible !== undefined && { PubliclyAccessible: input.PubliclyAccessible }),
    MonitoringInterval: checked.MonitoringInterval,
    MonitoringRoleArn: checked.MonitoringRoleArn,
    ...(input.EnableIAMDatabaseAuthentication !== undefined && {
      IAMDatabaseAuthenticationEnabled: input.EnableIAMDatabaseAuthentication,
    }),
  };
}

/**
 * What waits after this request: every difference between the instance as it is and as it was asked to be, by this request and by
 * those that still wait. The current value asked for again leaves no difference, and so cancels what waited.
 */
function pendingOf(
  call: Call,
  { name, shown }: Instance,
  input: Input,
  checked: Partial<DBInstance>,
): Deferred {
  const waiting = shown.PendingModifiedValues ?? {};
  const storage = checked.AllocatedStorage ?? 0;
  if (storage !== shown.AllocatedStorage && storage < (shown.AllocatedStorage ?? 0) * 1.1) {
    throw new Fault(
      'InvalidParameterCombination',
      `Invalid storage size: ${storage}. Storage must grow by at least 10 percent of ${shown.AllocatedStorage} GiB.`,
    );
  }
  const wanted: Deferred = {
    AllocatedStorage: checked.AllocatedStorage,
    // From one number of days to another it changes at once. Only on and off wait, because they restart the instance.
    ...(keepsBackups(shown) !== keepsBackups(checked) && {
      BackupRetentionPeriod: checked.BackupRetentionPeriod,
    }),
    DBInstanceClass: checked.DBInstanceClass,
    Iops: checked.Iops,
    MultiAZ: input.MultiAZ ?? waiting.MultiAZ ?? shown.MultiAZ,
    StorageThroughput: checked.StorageThroughput,
    StorageType: checked.StorageType,
  };
  const changed = Object.entries(wanted).filter(
    ([key, value]) => value !== undefined && value !== shown[key as keyof DBInstance],
  );
  const newName = pendingName(call, name, input, waiting);
  return { ...Object.fromEntries(changed), ...(newName !== undefined && { DBInstanceIdentifier: newName }) };
}

/** A request names its instance by the key that a pending rename has, and the new name by another. */
function pendingName(
  call: Call,
  current: string,
  { NewDBInstanceIdentifier: asked }: Input,
  { DBInstanceIdentifier: waiting }: PendingModifiedValues,
): string | undefined {
  if (asked === undefined) return waiting;
  return asked.toLowerCase() === current
    ? undefined
    : newInstanceName(call, 'NewDBInstanceIdentifier', asked);
}

/**
 * The request's settings, and those that wait and are not in the request. Iops and throughput that wait belong to the storage that
 * waits: they go with it.
 */
function withWaiting({ PendingModifiedValues, ...shown }: DBInstance, input: Input): GivenSettings {
  const { DBInstanceIdentifier: _name, Port: _port, ...waiting } = PendingModifiedValues ?? {};
  const { Iops, StorageThroughput, ...others } = waiting;
  const asked = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const together: GivenSettings = { ...others, ...asked };
  const type = together.StorageType ?? shown.StorageType;
  const sameType = type === (waiting.StorageType ?? shown.StorageType);
  const gib = together.AllocatedStorage ?? shown.AllocatedStorage ?? 0;
  if (!sameType || !takesIops(type, gib)) return together;
  return { Iops, StorageThroughput, ...together };
}

const keepsBackups = ({ BackupRetentionPeriod }: Pick<DBInstance, 'BackupRetentionPeriod'>) =>
  (BackupRetentionPeriod ?? 0) > 0;

/** "Can't be set to 0 if the DB instance is a source to read replicas": ModifyDBInstance in the API Reference. */
function refuseEndOfBackups(service: Service, source: Instance, days: number | undefined): void {
  if (days !== 0) return;
  const arn = instanceArn(source);
  const replica = service.state.instances
    .all()
    .find(({ follows }) => follows?.source === arn && follows.ended === undefined);
  if (replica)
    throw new Fault(
      'InvalidParameterCombination',
      `Backups of ${source.name} cannot be switched off: ${replica.name} is a read replica of it.`,
    );
}

/** Carries out everything that is pending. May be done again after a part of it was done. */
export async function modify(
  service: Service,
  instance: Instance,
  { password: given, secret, port }: Immediate,
  deferredToo: boolean,
  before: Instance['status'],
  signal: AbortSignal,
): Promise<void> {
  let into = before;
  const cluster = await clusterOf(service, instance);
  const password = secret?.keep ? await keepNewPassword(service, instance, secret.kmsKeyId) : given;
  if (password !== undefined) {
    await cluster.setMasterPassword(password);
    instanceEvent(service, instance, 'configuration change', 'Reset master credentials');
    if (secret?.keep === false) await deleteSecret(service, instance);
  }
  const { shown } = change(service, instance, {});
  const { DBInstanceIdentifier, Port = port, ...pending } = shown.PendingModifiedValues ?? {};
  if (Port !== undefined && Port !== cluster.port) {
    await cluster.stop();
    await cluster.setPort(Port);
    await startServer(service, instance);
    change(service, instance, { shown: { Endpoint: { ...shown.Endpoint, Port } } });
  }
  if (!deferredToo) {
    const { Port: _done, ...rest } = shown.PendingModifiedValues ?? {};
    change(service, instance, { status: into, work: undefined, shown: { PendingModifiedValues: rest } });
    return;
  }
  const hadBackups = keepsBackups(shown);
  // More storage is what ends a full one.
  if (pending.AllocatedStorage !== undefined && into === 'storage-full') {
    await cluster.fillStorage(false);
    into = 'available';
  }
  const zone = zonesOf(instance.region).find((one) => one !== shown.AvailabilityZone);
  const modified = change(service, instance, {
    shown: {
      ...pending,
      ...(pending.MultiAZ !== undefined && {
        SecondaryAvailabilityZone: pending.MultiAZ ? zone : undefined,
      }),
      PendingModifiedValues: DBInstanceIdentifier === undefined ? {} : { DBInstanceIdentifier },
    },
  });
  if (Object.keys(pending).length > 0)
    instanceEvent(service, instance, 'configuration change', 'Finished applying modification to DB instance');
  const hasBackups = (modified.shown.BackupRetentionPeriod ?? 0) > 0;
  if (hadBackups && !hasBackups) {
    await endAutomatedBackup(service, modified);
    instanceEvent(service, instance, 'configuration change', 'Automated backups disabled');
  }
  if (DBInstanceIdentifier !== undefined && isTaken(service, modified, DBInstanceIdentifier)) {
    // The instance of that name was made while the rename waited.
    change(service, modified, { shown: { PendingModifiedValues: {} } });
    instanceEvent(
      service,
      modified,
      'failure',
      `The instance was not renamed: there is another DB instance ${DBInstanceIdentifier}.`,
    );
  } else if (DBInstanceIdentifier !== undefined) {
    const renamed = await rename(service, modified, DBInstanceIdentifier);
    return finish(renamed);
  }
  return finish(modified);

  async function finish(now: Instance): Promise<void> {
    if (!hadBackups && hasBackups) await backUpAndOpen(service, now, signal);
    else change(service, now, { status: into, work: undefined });
  }
}

function isTaken({ state }: Service, instance: Instance, name: string): boolean {
  const there = state.instances.get(instance, name);
  return there !== undefined && there.cluster !== instance.cluster;
}
