import { Fault } from '../../protocol/fault.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { checkEngine, checkLicense, engineName } from '../catalog/engine.ts';
import { usableKey } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import { checkMasterPassword, checkMasterUser } from '../identifiers.ts';
import { defaultKey } from '../keys.ts';
import { becomeAvailable } from './become-available.ts';
import { settings } from './checked-settings.ts';
import { describeInstance } from './describe-instance.ts';
import { resumeOperation } from './instance.ts';
import { keepNewPassword, secretChange } from './master-secret.ts';
import { announceInstance, newInstanceName } from './new-instance.ts';
import { requireFreePort } from './port.ts';

export const createDBInstance = action('CreateDBInstance', {
  parameters: [
    ...settings,
    'DBInstanceIdentifier',
    'DBName',
    'Engine',
    'EngineVersion',
    'KmsKeyId',
    'LicenseModel',
    'ManageMasterUserPassword',
    'MasterUserPassword',
    'MasterUserSecretKmsKeyId',
    'MasterUsername',
    'MaxAllocatedStorage',
    'MonitoringInterval',
    'MonitoringRoleArn',
    'PreferredMaintenanceWindow',
    'StorageEncrypted',
  ],
  resources: (call, input) => [
    arnOf(call, 'db', (input.DBInstanceIdentifier ?? '').toLowerCase()),
    ...(input.DBSubnetGroupName ? [arnOf(call, 'subgrp', input.DBSubnetGroupName.toLowerCase())] : []),
    ...(input.DBParameterGroupName ? [arnOf(call, 'pg', input.DBParameterGroupName.toLowerCase())] : []),
  ],
  async perform(call, input) {
    const { service } = call;
    checkEngine(service, input.Engine, input.EngineVersion);
    const user = checkMasterUser(input.MasterUsername);
    const managed = await secretChange(call, input);
    const given = managed?.keep ? undefined : checkMasterPassword(input.MasterUserPassword);
    const database = checkDatabase(input.DBName);
    if (input.KmsKeyId !== undefined && input.StorageEncrypted !== true) {
      throw new Fault('InvalidParameterCombination', 'A KmsKeyId can be given only with StorageEncrypted.');
    }
    const KmsKeyId = input.StorageEncrypted ? await usableKey(call, input.KmsKeyId ?? defaultKey) : undefined;
    await requireFreePort(input.Port);
    // Nothing may wait between here and the instance being written down: of two requests for one name one is refused.
    const name = newInstanceName(call, 'DBInstanceIdentifier', input.DBInstanceIdentifier);
    const from = {
      Engine: engineName,
      EngineVersion: service.engineVersion,
      LicenseModel: checkLicense(input.LicenseModel),
      MasterUsername: user,
      ...(database !== undefined && { DBName: database }),
      StorageEncrypted: input.StorageEncrypted ?? false,
      KmsKeyId,
    };
    const instance = announceInstance(call, name, input, from, { kind: 'create' });
    resumeOperation(service, instance, {
      work: { kind: 'create' },
      status: 'creating',
      async run(signal) {
        const password =
          given ?? (await keepNewPassword(service, instance, managed?.keep ? managed.kmsKeyId : ''));
        const cluster = await service.engine.createCluster({
          id: instance.cluster,
          ...(input.Port !== undefined && { port: input.Port }),
          master: { user, password },
          ...(database !== undefined && { database }),
          parameters: instance.applied,
          signal,
        });
        instanceEvent(service, instance, 'creation', 'DB instance created');
        await becomeAvailable(service, instance, cluster, signal);
      },
    });
    return { DBInstance: await describeInstance(service, instance) };
  },
});

function checkDatabase(name: string | undefined): string | undefined {
  if (name === undefined || name === '' || name === 'postgres') return undefined;
  if (/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name) && !RESERVED_WORDS.has(name.toLowerCase())) return name;
  throw new Fault(
    'InvalidParameterValue',
    `DBName ${name} must begin with a letter or an underscore, contain only letters, digits and underscores, at most 63, ` +
      'and must not be a word that the engine reserves.',
  );
}

/** PostgreSQL's reserved words, and the databases that are there. https://www.postgresql.org/docs/current/sql-keywords-appendix.html */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `rdsadmin template0 template1 all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
  create current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct do
  else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime
  localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric
  system_user table then to trailing true union unique user using variadic when where window with`.split(
    /\s+/,
  ),
);
