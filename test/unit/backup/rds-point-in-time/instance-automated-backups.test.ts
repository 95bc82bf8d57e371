import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBInstanceAutomatedBackupsReplicationCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  copiedAutomatedBackups,
  instanceAutomatedBackups,
} from '../../../../shared/backup/rds-point-in-time/instance-automated-backups.ts';

const client = mockClient(RDSClient);
const rds = new RDSClient({ region: 'eu-west-1' });
const near = instanceAutomatedBackups(rds, 'eu-central-1', 'shop');
const far = copiedAutomatedBackups(rds, 'eu-west-1', {
  instance: 'shop',
  from: 'eu-central-1',
  key: 'alias/copies',
});
const arn = 'arn:aws:rds:eu-central-1:111122223333:db:shop';
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(`${name} was said`), { name, $metadata: { httpStatusCode } });
const start = () => far.start(arn, 7);

beforeEach(() => client.reset());

describe('starting the replication', () => {
  const answers = (name: string, status?: number) =>
    client.on(StartDBInstanceAutomatedBackupsReplicationCommand).rejects(fault(name, status));

  test('names the instance, the key of the other Region and the retention', async () => {
    client.on(StartDBInstanceAutomatedBackupsReplicationCommand).resolves({});
    expect(await start()).toEqual({ kind: 'begun' });
    expect(client.calls()[0]?.args[0].input).toEqual({
      SourceDBInstanceArn: arn,
      BackupRetentionPeriod: 7,
      KmsKeyId: 'alias/copies',
    });
  });

  test.each([
    [
      'DBInstanceAutomatedBackupQuotaExceededFault',
      'queued, because a quota of replicated automated backups',
    ],
    ['DBInstanceAutomatedBackupQuotaExceeded', 'queued, because a quota of replicated automated backups'],
    ['Throttling', 'queued, because RDS throttles'],
    ['InvalidDBInstanceStateFault', 'RDS is not ready for it'],
    ['InvalidDBInstanceAutomatedBackupStateFault', 'RDS is not ready for it'],
    ['TimeoutError', 'RDS did not respond'],
    ['InternalFailure', 'RDS did not respond'],
  ])('waits after %s', async (name, because) => {
    answers(name);
    expect(await start()).toEqual({
      kind: 'refused',
      because: expect.stringContaining(`eu-west-1: ${because}`),
    });
  });

  test.each(['KMSKeyNotAccessibleFault', 'KMSKeyNotAccessible'])('fails by name after %s', async (name) => {
    answers(name);
    await expect(start()).rejects.toMatchObject({
      name: 'ReplicationKeyUnusable',
      message: expect.stringContaining('KMS key "alias/copies" cannot be used in eu-west-1'),
    });
  });

  test('that is denied fails, and is not waited for', async () => {
    answers('AccessDenied', 403);
    await expect(start()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('what RDS keeps of an instance', () => {
  const kept = (difference: object) => ({
    DBInstanceArn: arn,
    DbiResourceId: 'db-SHOP',
    Status: 'active',
    BackupRetentionPeriod: 7,
    ...difference,
  });
  const keeps = (...DBInstanceAutomatedBackups: object[]) =>
    client.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({ DBInstanceAutomatedBackups });

  test.each(['DBInstanceAutomatedBackupNotFoundFault', 'DBInstanceAutomatedBackupNotFound'])(
    'is nothing after %s',
    async (name) => {
      client.on(DescribeDBInstanceAutomatedBackupsCommand).rejects(fault(name, 404));
      expect(await near.find()).toBeNull();
    },
  );

  test('has no window before the first backup, and no key where it is not encrypted', async () => {
    keeps(kept({ KmsKeyId: 'arn:aws:kms:…', Encrypted: false, RestoreWindow: { LatestTime: new Date() } }));
    expect(await near.find()).toMatchObject({ window: null, key: null });
  });

  test('is that of the present instance before that of a deleted one of the same name', async () => {
    const reaching = (time: string) => ({ EarliestTime: new Date(0), LatestTime: new Date(time) });
    const retained = [
      kept({ DbiResourceId: 'db-1', Status: 'retained', RestoreWindow: reaching('2026-03-01') }),
      kept({ DbiResourceId: 'db-2', Status: 'retained', RestoreWindow: reaching('2026-03-02') }),
    ];
    keeps(...retained, kept({ DbiResourceId: 'db-3', Status: 'creating' }));
    expect(await near.find()).toMatchObject({ resourceId: 'db-3' });
    keeps(...retained);
    expect(await near.find()).toMatchObject({ resourceId: 'db-2' });
  });

  test('in the standby Region is not that of an instance there of the same name', async () => {
    keeps(kept({ DBInstanceArn: arn.replace('eu-central-1', 'eu-west-1') }));
    expect(await far.find()).toBeNull();
    keeps(kept({ Status: 'replicating' }));
    expect(await far.find()).toMatchObject({ status: 'replicating' });
  });

  test('is looked for on every page', async () => {
    client
      .on(DescribeDBInstanceAutomatedBackupsCommand)
      .resolves({ Marker: 'next', DBInstanceAutomatedBackups: [kept({ Status: 'retained' })] })
      .on(DescribeDBInstanceAutomatedBackupsCommand, { Marker: 'next' })
      .resolves({ DBInstanceAutomatedBackups: [kept({})] });
    expect(await near.find()).toMatchObject({ status: 'active' });
  });

  test('fails where RDS throttles longer than the SDK tries', async () => {
    client.on(DescribeDBInstanceAutomatedBackupsCommand).rejects(fault('Throttling'));
    await expect(near.find()).rejects.toMatchObject({ name: 'Throttling' });
  });

  test.each(['DBInstanceNotFoundFault', 'DBInstanceNotFound'])(
    'of no instance is null after %s',
    async (name) => {
      client.on(DescribeDBInstancesCommand).rejects(fault(name, 404));
      expect(await near.instance()).toBeNull();
    },
  );

  test('of an instance without LatestRestorableTime has none', async () => {
    client.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    expect(await near.instance()).toMatchObject({ latest: null, retentionDays: 0, encrypted: false });
  });
});
