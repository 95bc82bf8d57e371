import type { DBInstance } from '@aws-sdk/client-rds';

/** What an RDS instance is like, apart from its data. A snapshot keeps little of it, so that Lifeboat records it in the tags. */
export interface InstanceSettings {
  readonly class: string;
  readonly storageType: string;
  /** A copy can have more, and never less. */
  readonly gibibytes: number;
  readonly engineVersion: string;
  readonly parameterGroup: string;
  readonly optionGroup: string;
  readonly subnetGroup: string;
  /** ARN of the KMS key; null if the storage is not encrypted. */
  readonly key: string | null;
  // What follows is absent where an earlier version of Lifeboat took the snapshot.
  readonly multiAz?: boolean | undefined;
  /** For how many days RDS keeps automated backups; 0 for none. */
  readonly backupDays?: number | undefined;
  /** Whether logins by IAM are possible. */
  readonly iamLogins?: boolean | undefined;
  /** The certificate authority of its TLS certificate: `rds-ca-rsa2048-g1`. */
  readonly authority?: string | undefined;
  /** Whether RDS upgrades minor versions by itself. */
  readonly minorUpgrades?: boolean | undefined;
}

export function settingsOfInstance(instance: DBInstance): InstanceSettings {
  return {
    class: instance.DBInstanceClass ?? '',
    storageType: instance.StorageType ?? '',
    gibibytes: instance.AllocatedStorage ?? 0,
    engineVersion: instance.EngineVersion ?? '',
    parameterGroup: instance.DBParameterGroups?.[0]?.DBParameterGroupName ?? '',
    optionGroup: instance.OptionGroupMemberships?.[0]?.OptionGroupName ?? '',
    subnetGroup: instance.DBSubnetGroup?.DBSubnetGroupName ?? '',
    key: instance.StorageEncrypted ? (instance.KmsKeyId ?? '') : null,
    multiAz: instance.MultiAZ,
    backupDays: instance.BackupRetentionPeriod,
    iamLogins: instance.IAMDatabaseAuthenticationEnabled,
    authority: instance.CACertificateIdentifier,
    minorUpgrades: instance.AutoMinorVersionUpgrade,
  };
}

const TAG = {
  class: 'lifeboat:source-class',
  storageType: 'lifeboat:source-storage-type',
  gibibytes: 'lifeboat:source-gibibytes',
  engineVersion: 'lifeboat:source-engine-version',
  parameterGroup: 'lifeboat:source-parameter-group',
  optionGroup: 'lifeboat:source-option-group',
  subnetGroup: 'lifeboat:source-subnet-group',
  key: 'lifeboat:source-key',
  multiAz: 'lifeboat:source-multi-az',
  backupDays: 'lifeboat:source-backup-days',
  iamLogins: 'lifeboat:source-iam-logins',
  authority: 'lifeboat:source-authority',
  minorUpgrades: 'lifeboat:source-minor-upgrades',
} as const satisfies Record<keyof InstanceSettings, string>;

/** The settings as tags. A tag cannot be longer than 256 characters, and no setting is. */
export function settingsAsTags(settings: InstanceSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(TAG).map(([name, tag]) => [tag, String(settings[name as keyof InstanceSettings] ?? '')]),
  );
}

/** The settings in the tags; null if a person changed them, or if an earlier version of Lifeboat wrote none. */
export function settingsInTags(tags: Readonly<Record<string, string>>): InstanceSettings | null {
  const of = (name: keyof InstanceSettings) => tags[TAG[name]];
  const gibibytes = Number(of('gibibytes'));
  if (!of('class') || !of('engineVersion') || !Number.isInteger(gibibytes) || gibibytes <= 0) return null;
  return {
    class: of('class') ?? '',
    storageType: of('storageType') ?? '',
    gibibytes,
    engineVersion: of('engineVersion') ?? '',
    parameterGroup: of('parameterGroup') ?? '',
    optionGroup: of('optionGroup') ?? '',
    subnetGroup: of('subnetGroup') ?? '',
    key: of('key') || null,
    multiAz: yesOrNo(of('multiAz')),
    backupDays: /^\d+$/.test(of('backupDays') ?? '') ? Number(of('backupDays')) : undefined,
    iamLogins: yesOrNo(of('iamLogins')),
    authority: of('authority') || undefined,
    minorUpgrades: yesOrNo(of('minorUpgrades')),
  };
}

function yesOrNo(text: string | undefined): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}
