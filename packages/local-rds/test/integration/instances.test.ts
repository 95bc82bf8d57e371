import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setStorageFull } from '../../api/instances/storage-full.ts';
import { attend } from '../../api/schedule/duties.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

const scope = { account, region: 'eu-west-1' };
const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
const arn = (kind: string, name: string) => `arn:aws:rds:eu-west-1:${account}:${kind}:${name}`;
let local: LocalRds;
let aheadMs = 0;

beforeAll(async () => {
  local = await startLocalRds({ clock: () => new Date(Date.now() + aheadMs) });
  await local.create({ ...id('one'), BackupRetentionPeriod: 1, PreferredBackupWindow: '03:00-03:30' });
  await local.connect('one', (client) => client.query('CREATE TABLE t AS SELECT 1 AS id'));
});
afterAll(() => local.stop());

const modify = async (
  wanted: Omit<sdk.ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'>,
  name = 'one',
) => {
  const { DBInstance } = await local
    .client()
    .send(new sdk.ModifyDBInstanceCommand({ ...wanted, ...id(name) }));
  return DBInstance;
};

describe('a modification', () => {
  test('of the master password shows no password, and the new one is asked for', async () => {
    const MasterUserPassword = 'another-for-this-test';
    const answered = await modify({ MasterUserPassword });
    expect(answered?.PendingModifiedValues).toEqual({ MasterUserPassword: '****' });
    await local.available('one');
    await expect(local.connect('one', (client) => client.query('SELECT 1'))).rejects.toMatchObject({
      code: '28P01',
    });
    await modify({ MasterUserPassword: 'only-for-this-test' });
    await local.available('one');
    await local.connect('one', (client) => client.query('SELECT 1'));
  });

  test('of the class waits for the maintenance window, and is made there', async () => {
    const answered = await modify({ DBInstanceClass: 'db.t4g.large', AllocatedStorage: 40 });
    expect(answered).toMatchObject({
      DBInstanceStatus: 'available',
      DBInstanceClass: 'db.t4g.micro',
      PendingModifiedValues: { DBInstanceClass: 'db.t4g.large', AllocatedStorage: 40 },
    });
    const { PreferredMaintenanceWindow = '' } = await local.describe('one');
    expect(PreferredMaintenanceWindow).toBe('sun:04:00-sun:04:30');
    aheadMs = nextTime(0, '04:10') - Date.now();
    attend(local.rds.service);
    aheadMs = 0;
    expect(await local.available('one')).toMatchObject({
      DBInstanceClass: 'db.t4g.large',
      AllocatedStorage: 40,
      PendingModifiedValues: {},
    });
  });

  test('of the name keeps data, backups and tags, and the old name is free', async () => {
    await local.client().send(
      new sdk.AddTagsToResourceCommand({
        ResourceName: arn('db', 'one'),
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    await modify({ NewDBInstanceIdentifier: 'Two', ApplyImmediately: true });
    expect(await local.available('two')).toMatchObject({
      DBInstanceArn: arn('db', 'two'),
      TagList: [{ Key: 'a', Value: 'b' }],
      LatestRestorableTime: expect.any(Date),
    });
    await expect(local.describe('one')).rejects.toBeInstanceOf(sdk.DBInstanceNotFoundFault);
    expect((await local.connect('two', (client) => client.query('SELECT * FROM t'))).rows).toEqual([
      { id: 1 },
    ]);
    await modify({ NewDBInstanceIdentifier: 'one', ApplyImmediately: true }, 'two');
    await local.available('one');
  });

  test('of the port moves the server', async () => {
    const before = (await local.describe('one')).Endpoint?.Port;
    const free = await freePort();
    await modify({ DBPortNumber: free });
    expect((await local.available('one')).Endpoint?.Port).toBe(free);
    expect(free).not.toBe(before);
    expect((await local.connect('one', (client) => client.query('SELECT * FROM t'))).rows).toEqual([
      { id: 1 },
    ]);
  });

  test('of the retention to 0 removes automated backups, and back to 1 takes one', async () => {
    await modify({ BackupRetentionPeriod: 0, ApplyImmediately: true });
    const without = await local.available('one');
    expect(without.LatestRestorableTime).toBeUndefined();
    const automated = async () =>
      (await local.client().send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'automated' })))
        .DBSnapshots;
    expect(await automated()).toEqual([]);
    await modify({ BackupRetentionPeriod: 1, ApplyImmediately: true });
    expect(await local.available('one')).toMatchObject({ LatestRestorableTime: expect.any(Date) });
    expect(await automated()).toHaveLength(1);
  });
});

describe('by itself the service', () => {
  test('takes a backup each day in its window, and lets go of what is older than the retention period', async () => {
    const { snapshots, automatedBackups } = local.rds.state;
    const automated = () => snapshots.list(scope).filter(({ shown }) => shown.SnapshotType === 'automated');
    const [first] = automated();
    for (const day of [1, 2, 3]) {
      aheadMs = nextTime(undefined, '03:10') + day * 86_400_000 - Date.now();
      attend(local.rds.service);
      await local.available('one');
      attend(local.rds.service); // the second time in one window nothing happens
      expect((await local.describe('one')).DBInstanceStatus).toBe('available');
    }
    aheadMs = 0;
    expect(automated().map(({ name }) => name)).not.toContain(first?.name);
    const [backup] = automatedBackups.list(scope);
    expect(backup?.bases).toEqual(automated().map(({ folder }) => folder));
    for (const folder of backup?.bases ?? []) await local.rds.engine.readBackup(folder);
  });

  test('starts an instance again that was stopped for a week', async () => {
    await local.create(id('asleep'));
    await local.client().send(new sdk.StopDBInstanceCommand(id('asleep')));
    await expect.poll(async () => (await local.describe('asleep')).DBInstanceStatus).toBe('stopped');
    attend(local.rds.service);
    expect((await local.describe('asleep')).DBInstanceStatus).toBe('stopped');
    aheadMs = 8 * 86_400_000;
    attend(local.rds.service);
    aheadMs = 0;
    await local.available('asleep');
    await local.client().send(new sdk.DeleteDBInstanceCommand({ ...id('asleep'), SkipFinalSnapshot: true }));
  });
});

describe('an instance without room', () => {
  test('is storage-full: it is read, not written, says so in an event, and is snapshotted when it has room again', async () => {
    await local.available('one'); // a week passed before: a daily backup of it may be under way
    const one = local.rds.state.instances.get(scope, 'one');
    if (!one) throw new Error('one is gone');
    await setStorageFull(local.rds.service, one, true);
    expect((await local.describe('one')).DBInstanceStatus).toBe('storage-full');
    const fill = () =>
      local.connect('one', (client) =>
        client.query('CREATE TABLE big AS SELECT generate_series(1, 100000) AS id'),
      );
    await expect(fill()).rejects.toMatchObject({ code: '53100' });
    expect((await local.connect('one', (client) => client.query('SELECT * FROM t'))).rows).toEqual([
      { id: 1 },
    ]);
    const { Events = [] } = await local.client().send(
      new sdk.DescribeEventsCommand({
        SourceIdentifier: 'one',
        SourceType: 'db-instance',
        EventCategories: ['failure'],
      }),
    );
    expect(Events.map(({ Message }) => Message)).toEqual([
      'The allocated storage for the DB instance has been exhausted.',
    ]);
    await setStorageFull(local.rds.service, one, false);
    await local.available('one');
    await fill();
    await local
      .client()
      .send(new sdk.CreateDBSnapshotCommand({ ...id('one'), DBSnapshotIdentifier: 'roomy' }));
    await local.snapshotAvailable('roomy');
  });
});

describe('groups, tags and lists', () => {
  test('a subnet group is made, described, changed and deleted', async () => {
    const client = local.client();
    const name = { DBSubnetGroupName: 'Net' };
    const { DBSubnetGroup } = await client.send(
      new sdk.CreateDBSubnetGroupCommand({
        ...name,
        DBSubnetGroupDescription: 'first',
        SubnetIds: ['subnet-a', 'subnet-b'],
        Tags: [{ Key: 'k', Value: 'v' }],
      }),
    );
    expect(DBSubnetGroup).toMatchObject({ DBSubnetGroupName: 'net', SubnetGroupStatus: 'Complete' });
    await client.send(
      new sdk.ModifyDBSubnetGroupCommand({
        ...name,
        DBSubnetGroupDescription: 'second',
        SubnetIds: ['subnet-b', 'subnet-c'],
      }),
    );
    const { DBSubnetGroups = [] } = await client.send(new sdk.DescribeDBSubnetGroupsCommand({}));
    expect(DBSubnetGroups.map((group) => [group.DBSubnetGroupName, group.DBSubnetGroupDescription])).toEqual([
      ['default', 'The default subnet group'],
      ['net', 'second'],
    ]);
    const { TagList } = await client.send(
      new sdk.ListTagsForResourceCommand({ ResourceName: arn('subgrp', 'net') }),
    );
    expect(TagList).toEqual([{ Key: 'k', Value: 'v' }]);
    await client.send(new sdk.DeleteDBSubnetGroupCommand(name));
    await expect(client.send(new sdk.DescribeDBSubnetGroupsCommand(name))).rejects.toBeInstanceOf(
      sdk.DBSubnetGroupNotFoundFault,
    );
  });

  test('tags are replaced by key, removed, and of one kind of thing each', async () => {
    const client = local.client();
    for (const ResourceName of [arn('db', 'one'), arn('snapshot', 'roomy')]) {
      const tags = async () =>
        (await client.send(new sdk.ListTagsForResourceCommand({ ResourceName }))).TagList;
      await client.send(new sdk.RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['a'] }));
      await client.send(
        new sdk.AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'x', Value: '1' }, { Key: 'y' }] }),
      );
      await client.send(new sdk.AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'x', Value: '2' }] }));
      expect(await tags()).toEqual([
        { Key: 'y', Value: '' },
        { Key: 'x', Value: '2' },
      ]);
      await client.send(new sdk.RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['x', 'not there'] }));
      expect(await tags()).toEqual([{ Key: 'y', Value: '' }]);
    }
  });

  test('versions and classes are those that an instance can have', async () => {
    const client = local.client();
    const { DBEngineVersions } = await client.send(
      new sdk.DescribeDBEngineVersionsCommand({ Engine: 'postgres' }),
    );
    expect(DBEngineVersions).toMatchObject([
      { EngineVersion: (await local.describe('one')).EngineVersion, DBParameterGroupFamily: 'postgres18' },
    ]);
    const none = await client.send(new sdk.DescribeDBEngineVersionsCommand({ Engine: 'mysql' }));
    expect(none.DBEngineVersions).toEqual([]);
    const options: sdk.OrderableDBInstanceOption[] = [];
    const pages = sdk.paginateDescribeOrderableDBInstanceOptions(
      { client, pageSize: 50 },
      { Engine: 'postgres' },
    );
    for await (const { OrderableDBInstanceOptions = [] } of pages)
      options.push(...OrderableDBInstanceOptions);
    const names = options.map(({ DBInstanceClass, StorageType }) => `${DBInstanceClass} ${StorageType}`);
    expect(names).toContain('db.t4g.micro gp3');
    expect(new Set(names).size).toBe(names.length);
  });

  test('events are found by source, type, category and time, page by page', async () => {
    const client = local.client();
    const all: sdk.Event[] = [];
    for await (const { Events = [] } of sdk.paginateDescribeEvents(
      { client, pageSize: 20 },
      { Duration: 10_000 },
    ))
      all.push(...Events);
    expect(all.length).toBeGreaterThan(20);
    expect(all.map(({ Date: when }) => when?.getTime())).not.toContain(undefined);
    const { Events = [] } = await client.send(
      new sdk.DescribeEventsCommand({ SourceType: 'db-snapshot', SourceIdentifier: 'Roomy' }),
    );
    expect(Events).toMatchObject([
      {
        Message: 'Creating manual snapshot',
        EventCategories: ['creation'],
        SourceArn: arn('snapshot', 'roomy'),
      },
      { Message: 'Manual snapshot created' },
    ]);
  });
});

describe('automated backups', () => {
  test('are retained when the instance is deleted so, restored from, and deleted', async () => {
    const client = local.client();
    const { DbiResourceId } = await local.describe('one');
    await client.send(
      new sdk.DeleteDBInstanceCommand({
        ...id('one'),
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: false,
      }),
    );
    await local.deleted('one');
    const described = () => client.send(new sdk.DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId }));
    expect((await described()).DBInstanceAutomatedBackups).toMatchObject([
      { Status: 'retained', DBInstanceIdentifier: 'one', RestoreWindow: { LatestTime: expect.any(Date) } },
    ]);
    await client.send(
      new sdk.RestoreDBInstanceToPointInTimeCommand({
        SourceDbiResourceId: DbiResourceId,
        TargetDBInstanceIdentifier: 'again',
        UseLatestRestorableTime: true,
        BackupRetentionPeriod: 0,
      }),
    );
    await local.available('again');
    expect((await local.connect('again', (again) => again.query('SELECT * FROM t'))).rows).toEqual([
      { id: 1 },
    ]);
    await client.send(new sdk.DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId }));
    await expect(described()).rejects.toBeInstanceOf(sdk.DBInstanceAutomatedBackupNotFoundFault);
    expect(local.rds.state.snapshots.list(scope).map(({ name }) => name)).toEqual(['roomy']);
  });
});

/** The next time, in milliseconds, that it is so late in UTC, on that day of the week if one is named. */
function nextTime(day: number | undefined, time: string): number {
  const now = new Date();
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour, minute));
  while (next <= now || (day !== undefined && next.getUTCDay() !== day))
    next.setUTCDate(next.getUTCDate() + 1);
  return next.getTime();
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
