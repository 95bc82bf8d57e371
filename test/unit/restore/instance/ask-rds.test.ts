import { describe, expect, test } from 'vitest';
import { askRds } from '../../../../shared/restore/instance/ask-rds.ts';

/** As the SDK throws it: names end in "Fault" in some versions. */
const ask = (name: string, $metadata = { httpStatusCode: 400 }) =>
  askRds('eu-west-1', async () => {
    throw Object.assign(new Error('as RDS says it'), { name, $metadata, $fault: 'client' });
  });

describe('a request about an instance', () => {
  test.each(['DBInstanceAlreadyExists', 'DBInstanceAlreadyExistsFault'])('finds %s begun', async (name) => {
    expect(await ask(name)).toEqual({ kind: 'begun' });
  });

  test.each([
    ['InstanceQuotaExceeded', 'queued, because a quota is reached'],
    ['InstanceQuotaExceededFault', 'queued, because a quota is reached'],
    ['StorageQuotaExceeded', 'queued, because a quota is reached'],
    ['InsufficientDBInstanceCapacity', 'queued, because a quota is reached'],
    ['InvalidDBInstanceState', 'RDS is not ready for it'],
    ['InvalidDBSnapshotStateFault', 'RDS is not ready for it'],
    ['Throttling', 'queued, because RDS throttles'],
    ['ThrottlingException', 'queued, because RDS throttles'],
  ])('waits after %s', async (name, because) => {
    expect(await ask(name)).toEqual({ kind: 'refused', because: `eu-west-1: ${because}: as RDS says it` });
  });

  test('waits after a failure of RDS itself', async () => {
    expect(await ask('InternalFailure', { httpStatusCode: 500 })).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('RDS did not respond'),
    });
  });

  test.each([
    ['DBSnapshotNotFound', 'OriginMissing'],
    ['DBSnapshotNotFoundFault', 'OriginMissing'],
    ['DBInstanceAutomatedBackupNotFoundFault', 'OriginMissing'],
    ['PointInTimeRestoreNotEnabledFault', 'OriginMissing'],
    ['KMSKeyNotAccessibleFault', 'InstanceKeyUnusable'],
    ['DBParameterGroupNotFoundFault', 'InstanceRefused'],
    ['DBSubnetGroupNotFoundFault', 'InstanceRefused'],
    ['InvalidSubnet', 'InstanceRefused'],
    ['InvalidVPCNetworkStateFault', 'InstanceRefused'],
    ['StorageTypeNotSupportedFault', 'InstanceRefused'],
    ['InvalidParameterCombination', 'InstanceRefused'],
  ])('ends at %s as %s, with the next step', async (name, error) => {
    await expect(ask(name)).rejects.toMatchObject({
      name: error,
      message: expect.stringContaining('as RDS says it'),
      hint: expect.any(String),
    });
  });

  test.each(['AccessDenied', 'UnrecognizedClient'])('throws %s as it is', async (name) => {
    await expect(ask(name)).rejects.toMatchObject({ name });
  });
});
