import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyDBParameterGroupCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBInstanceReadReplicaCommand,
  CreateDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBParametersCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  ModifyDBParameterGroupCommand,
  ModifyDBSnapshotAttributeCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { freePort } from 'process-kit/free-port';
import { afterAll, beforeAll, expect } from 'vitest';
import { instanceByArn } from '../../packages/local-rds/api/instances/instance.ts';
import { setStorageFull } from '../../packages/local-rds/api/instances/storage-full.ts';
import { LongWork } from '../../packages/local-rds/api/long-work.ts';
import { type LocalRds, master, startLocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import { fieldCase } from './field-case.ts';

const OTHER_ACCOUNT = '210987654321';

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds();
}, 120_000);
afterAll(() => local?.stop());

const modify = (name: string, changed: Partial<ModifyDBInstanceCommandInput>) =>
  local.client().send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: name, ...changed }));
const creation = (name: string, wanted: Partial<CreateDBInstanceCommandInput>) =>
  new CreateDBInstanceCommand({
    DBInstanceIdentifier: name,
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: 20,
    BackupRetentionPeriod: 0,
    ...master,
    ...wanted,
  });
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

fieldCase(
  'R1',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r1', BackupRetentionPeriod: 1 });
    const replica = (region: string, name: string) =>
      local.client(region).send(
        new CreateDBInstanceReadReplicaCommand({
          DBInstanceIdentifier: name,
          SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:123456789012:db:r1',
        }),
      );
    await Promise.all([replica('eu-west-1', 'r1-near'), replica('eu-central-1', 'r1-far')]);
    await Promise.all([local.available('r1-near'), local.available('r1-far', 'eu-central-1')]);
    await local
      .client()
      .send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'r1', SkipFinalSnapshot: true }));
    await local.deleted('r1');
    const near = await local.available('r1-near');
    expect(near.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    await local.connect('r1-near', (client) => client.query('CREATE TABLE written (a int)'));
    const far = await local.describe('r1-far', 'eu-central-1');
    expect(far.StatusInfos).toEqual([expect.objectContaining({ Status: 'terminated' })]);
    now('promoted in the same Region, terminated in another');
  },
  { timeoutMs: 120_000 },
);

fieldCase(
  'R2',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r2', BackupRetentionPeriod: 1 });
    await local.client().send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'r2-replica',
        SourceDBInstanceIdentifier: 'r2',
      }),
    );
    await local.available('r2-replica');
    expect(await faultOf(modify('r2', { BackupRetentionPeriod: 0, ApplyImmediately: true }))).toMatch(
      /InvalidParameterCombination/,
    );
    // R9: the replica's password is that of its source.
    now('refused');
  },
  { timeoutMs: 120_000 },
);

fieldCase('R9', async (now) => {
  expect(await faultOf(modify('r2-replica', { MasterUserPassword: 'another-password' }))).toMatch(
    /InvalidParameterCombination/,
  );
  now('refused at once');
});

fieldCase(
  'R3',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r3' });
    await local
      .client()
      .send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'r3', DBSnapshotIdentifier: 'r3-shared' }));
    await local.snapshotAvailable('r3-shared');
    await local.client().send(
      new ModifyDBSnapshotAttributeCommand({
        DBSnapshotIdentifier: 'r3-shared',
        AttributeName: 'restore',
        ValuesToAdd: [OTHER_ACCOUNT],
      }),
    );
    const seen = async (filter?: string) => {
      const { DBSnapshots = [] } = await local.client('eu-west-1', OTHER_ACCOUNT).send(
        new DescribeDBSnapshotsCommand({
          IncludeShared: true,
          ...(filter && { Filters: [{ Name: 'snapshot-type', Values: [filter] }] }),
        }),
      );
      return DBSnapshots.map(({ DBSnapshotIdentifier, SnapshotType }) => [
        DBSnapshotIdentifier,
        SnapshotType,
      ]);
    };
    expect(await seen()).toEqual([['arn:aws:rds:eu-west-1:123456789012:snapshot:r3-shared', 'shared']]);
    expect(await seen('manual')).toEqual([]);
    expect(await seen('shared')).toHaveLength(1);
    now('shared, by ARN; not among manual ones');
  },
  { timeoutMs: 90_000 },
);

fieldCase('R10', async (now) => {
  const find = (SnapshotType: string) =>
    local.client().send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'r3-shared', SnapshotType }));
  expect((await find('manual')).DBSnapshots).toHaveLength(1);
  expect(await faultOf(find('automated'))).toMatch(/DBSnapshotNotFound/);
  now('both count');
});

fieldCase(
  'R4',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r4' });
    const pending = async () => (await local.describe('r4')).PendingModifiedValues;
    await modify('r4', { DBInstanceClass: 'db.t4g.large' });
    expect(await pending()).toEqual({ DBInstanceClass: 'db.t4g.large' });
    await modify('r4', { DBInstanceClass: 'db.t4g.micro' });
    expect(await pending()).toEqual({});
    await modify('r4', { DBInstanceClass: 'db.t4g.large' });
    await modify('r4', { DBInstanceClass: 'db.t4g.micro', ApplyImmediately: true });
    const { DBInstanceClass, PendingModifiedValues } = await local.available('r4');
    expect({ DBInstanceClass, PendingModifiedValues }).toEqual({
      DBInstanceClass: 'db.t4g.micro',
      PendingModifiedValues: {},
    });
    now('cancelled; the current class stays');
  },
  { timeoutMs: 60_000 },
);

fieldCase(
  'R5',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r5', BackupRetentionPeriod: 7 });
    await modify('r5', { BackupRetentionPeriod: 14 });
    const { BackupRetentionPeriod, PendingModifiedValues } = await local.describe('r5');
    expect({ BackupRetentionPeriod, PendingModifiedValues }).toEqual({
      BackupRetentionPeriod: 14,
      PendingModifiedValues: {},
    });
    now('applied at once');
  },
  { timeoutMs: 60_000 },
);

fieldCase(
  'R6',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r6' });
    const { DBInstanceArn = '' } = await local.describe('r6');
    await setStorageFull(local.rds.service, instanceByArn(local.rds.service, DBInstanceArn), true);
    expect((await local.describe('r6')).DBInstanceStatus).toBe('storage-full');
    await modify('r6', { AllocatedStorage: 40, ApplyImmediately: true });
    expect((await local.available('r6')).AllocatedStorage).toBe(40);
    await local.connect('r6', (client) =>
      client.query('CREATE TABLE room AS SELECT generate_series(1, 50000) AS n'),
    );
    now('available again');
  },
  { timeoutMs: 60_000 },
);

fieldCase(
  'R7',
  async (now) => {
    const Port = await freePort();
    const faults = await Promise.all(
      ['r7-a', 'r7-b', 'r7-c'].map((name) => faultOf(local.client().send(creation(name, { Port })))),
    );
    expect(faults.toSorted()).toEqual([
      expect.stringMatching('InvalidParameterValue'),
      expect.stringMatching('InvalidParameterValue'),
      'accepted',
    ]);
    now('one is accepted, two are refused at the call');
  },
  { timeoutMs: 60_000 },
);

fieldCase(
  'R8',
  async (now) => {
    const wrong: Partial<CreateDBInstanceCommandInput>[] = [
      { PreferredBackupWindow: '03:00-03:20' },
      { PreferredMaintenanceWindow: 'sun:04:00-sun:04:10' },
      { PreferredMaintenanceWindow: 'sun:04:00-mon:05:00' },
      { PreferredBackupWindow: '04:00-05:00', PreferredMaintenanceWindow: 'sun:04:30-sun:05:30' },
      { PreferredBackupWindow: '23:45-00:30', PreferredMaintenanceWindow: 'mon:00:00-mon:01:00' },
      { MaxAllocatedStorage: 19 },
      { MonitoringInterval: 60 },
      { MonitoringInterval: 7, MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring' },
      { StorageType: 'io1', AllocatedStorage: 100 },
      { StorageType: 'gp3', Iops: 4_000 },
      { LicenseModel: 'license-included' },
      { CACertificateIdentifier: 'rds-ca-1984' },
      { NetworkType: 'IPV6' },
      { DBName: 'select' },
    ];
    for (const each of wrong)
      expect({ each, fault: await faultOf(local.client().send(creation('r8', each))) }).toEqual({
        each,
        fault: expect.stringMatching(/^(?:InvalidParameter|CertificateNotFound)/),
      });
    expect(
      await faultOf(
        local.client().send(
          new CreateDBParameterGroupCommand({
            DBParameterGroupName: 'r8',
            DBParameterGroupFamily: 'postgres18',
            Description: '',
          }),
        ),
      ),
    ).toMatch(/InvalidParameterValue/);
    const equal = await local.create({ DBInstanceIdentifier: 'r8-equal', MaxAllocatedStorage: 20 });
    expect(equal.MaxAllocatedStorage).toBeUndefined();
    now('each is refused; a maximum equal to the size switches growing off');
  },
  { timeoutMs: 60_000 },
);

fieldCase('R11', async (now) => {
  expect(await local.describe('r8-equal')).toMatchObject({
    DbInstancePort: 0,
    CertificateDetails: { CAIdentifier: 'rds-ca-rsa2048-g1', ValidTill: expect.any(Date) },
    AssociatedRoles: [],
    ActivityStreamStatus: 'stopped',
    DedicatedLogVolume: false,
    Iops: 3_000,
    StorageThroughput: 125,
  });
  now('there');
});

fieldCase('R12', async (now) => {
  const MonitoringRoleArn = 'arn:aws:iam::123456789012:role/monitoring';
  await modify('r8-equal', { MonitoringInterval: 60, MonitoringRoleArn });
  expect(await local.describe('r8-equal')).toMatchObject({ MonitoringInterval: 60, MonitoringRoleArn });
  now('accepted and shown');
});

fieldCase('R13', async (now) => {
  const client = local.client();
  expect((await client.send(new DescribeDBClustersCommand({}))).DBClusters).toEqual([]);
  await client.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: 'r13',
      DBParameterGroupFamily: 'postgres18',
      Description: 'one',
    }),
  );
  await client.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'r13',
      Parameters: [{ ParameterName: 'work_mem', ParameterValue: '8192', ApplyMethod: 'immediate' }],
    }),
  );
  await client.send(
    new CopyDBParameterGroupCommand({
      SourceDBParameterGroupIdentifier: 'r13',
      TargetDBParameterGroupIdentifier: 'r13-copy',
      TargetDBParameterGroupDescription: 'two',
    }),
  );
  const { Parameters } = await client.send(
    new DescribeDBParametersCommand({ DBParameterGroupName: 'r13-copy', Source: 'user' }),
  );
  expect(Parameters?.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue])).toEqual([
    ['work_mem', '8192'],
  ]);
  now('an empty list of clusters; a copy with the same values');
});

fieldCase(
  'R14',
  async (now) => {
    await local.create({ DBInstanceIdentifier: 'r14', BackupRetentionPeriod: 1 });
    await local.connect('r14', (client) => client.query('CREATE TABLE kept AS SELECT 42 AS n'));
    const archives = path.join(local.folder, 'rds');
    const size = async () => {
      const files = await readdir(archives, { recursive: true });
      const segments = files.filter((file) => /r?[/\\][0-9A-F]{24}$/.test(file) && file.includes('archive'));
      const sizes = await Promise.all(
        segments.map((file) => stat(path.join(archives, file)).catch(() => ({ size: 0 }))),
      );
      return sizes.reduce((sum, each) => sum + each.size, 0);
    };
    const latest = async () => (await local.describe('r14')).LatestRestorableTime?.getTime() ?? 0;
    const written = Date.now();
    while ((await latest()) < written) await sleep(100);
    const before = await size();
    expect(before).toBeGreaterThan(0);
    // The archive has a round each half second: its last restorable time tells that sixteen are over.
    const quiet = (await latest()) + 8_000;
    while ((await latest()) < quiet) await sleep(100);
    const rounds = ((await size()) - before) / (4 * 1024 * 1024);
    // Autovacuum may write a little once; an archive for each round would be sixteen.
    expect(rounds).toBeLessThanOrEqual(2);

    await local.client().send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'r14',
        TargetDBInstanceIdentifier: 'r14-restored',
        RestoreTime: new Date(quiet),
      }),
    );
    await local.available('r14-restored');
    const { rows } = await local.connect('r14-restored', (client) => client.query('SELECT n FROM kept'));
    expect(rows).toEqual([{ n: 42 }]);
    now(`${rounds} segments in 16 idle rounds; a moment without writes can be restored`);
  },
  { timeoutMs: 120_000 },
);

fieldCase('R15', async (now) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const work = new LongWork();
  let told = 0;
  const written = new Promise<string>((resolve) => {
    work.begin(
      'eu-west-1',
      () => Promise.reject(full),
      (error) => {
        told++;
        if (told < 3) throw full;
        resolve(error.message);
      },
    );
  });
  expect(await written).toMatch(/no space left/);
  await work.stop();
  now('the failure is written down once there is room; the program goes on');
});

fieldCase('R16', async (now) => {
  const ask = (Duration: number) => local.client().send(new DescribeEventsCommand({ Duration }));
  const scope = { account: '123456789012', region: 'eu-west-1' };
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  const shown = [13, 7, 3, 2, 1, 0];
  for (const days of [15, ...shown])
    local.rds.state.events.append({ ...scope, event: { Date: daysAgo(days), Message: `${days} days ago` } });
  const { Events = [] } = await ask(14 * 24 * 60);
  expect(Events.map(({ Message }) => Message).filter((text) => text?.endsWith('days ago'))).toEqual(
    shown.map((days) => `${days} days ago`),
  );
  expect(local.rds.state.events.list(scope, new Date()).map(({ Message }) => Message)).not.toContain(
    '15 days ago',
  );
  expect(await faultOf(ask(14 * 24 * 60 + 1))).toMatch(/InvalidParameterValue/);
  now('14 days, and no question beyond them');
});
