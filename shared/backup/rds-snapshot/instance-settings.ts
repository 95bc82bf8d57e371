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
  };
}
