import type { OrderableDBInstanceOption } from '@aws-sdk/client-rds';
import { type Action, action } from '../action.ts';
import { page } from '../pages.ts';
import { engineName, familyOf, majorOf } from './engine.ts';
import { instanceClasses, storageTypes, zonesOf } from './instance-classes.ts';

const engineVersions = action('DescribeDBEngineVersions', {
  parameters: [
    'DBParameterGroupFamily',
    'DefaultOnly',
    'Engine',
    'EngineVersion',
    'IncludeAll',
    'ListSupportedCharacterSets',
    'ListSupportedTimezones',
    'Marker',
    'MaxRecords',
  ],
  perform(call, input) {
    const { service } = call;
    const version = {
      Engine: engineName,
      MajorEngineVersion: majorOf(service),
      EngineVersion: service.engineVersion,
      DBParameterGroupFamily: familyOf(service),
      DBEngineDescription: 'PostgreSQL',
      DBEngineVersionDescription: `PostgreSQL ${service.engineVersion}`,
      ValidUpgradeTarget: [],
      SupportsLogExportsToCloudwatchLogs: false,
      SupportsReadReplica: true,
      SupportsParallelQuery: false,
      SupportsGlobalDatabases: false,
      Status: 'available',
      TagList: [],
    };
    const fits =
      (input.Engine ?? engineName) === engineName &&
      [undefined, service.engineVersion, majorOf(service)].includes(input.EngineVersion) &&
      (input.DBParameterGroupFamily ?? familyOf(service)) === familyOf(service);
    const { items, ...marker } = page(fits ? [version] : [], ({ EngineVersion }) => EngineVersion, input);
    return { ...marker, DBEngineVersions: items };
  },
});

const orderableOptions = action('DescribeOrderableDBInstanceOptions', {
  parameters: ['DBInstanceClass', 'Engine', 'EngineVersion', 'LicenseModel', 'Marker', 'MaxRecords', 'Vpc'],
  perform(call, input) {
    const { engineVersion } = call.service;
    const offered =
      input.Engine === engineName &&
      (input.EngineVersion ?? engineVersion) === engineVersion &&
      (input.LicenseModel ?? 'postgresql-license') === 'postgresql-license' &&
      input.Vpc !== false;
    const options = instanceClasses
      .filter((name) => input.DBInstanceClass === undefined || name === input.DBInstanceClass)
      .flatMap((DBInstanceClass) =>
        Object.entries(storageTypes).map(
          ([StorageType, { min, max, iops }]): OrderableDBInstanceOption => ({
            Engine: engineName,
            EngineVersion: engineVersion,
            DBInstanceClass,
            LicenseModel: 'postgresql-license',
            AvailabilityZones: zonesOf(call.region).map((Name) => ({ Name })),
            MultiAZCapable: true,
            ReadReplicaCapable: true,
            Vpc: true,
            SupportsStorageEncryption: true,
            StorageType,
            SupportsIops: iops,
            MinStorageSize: min,
            MaxStorageSize: max,
            SupportedNetworkTypes: ['IPV4'],
          }),
        ),
      )
      .sort((one, other) => (key(one) < key(other) ? -1 : 1));
    const { items, ...marker } = page(offered ? options : [], key, input);
    return { ...marker, OrderableDBInstanceOptions: items };
  },
});

const key = ({ DBInstanceClass, StorageType }: OrderableDBInstanceOption) =>
  `${DBInstanceClass} ${StorageType}`;

export const catalogActions: readonly Action[] = [engineVersions, orderableOptions];
