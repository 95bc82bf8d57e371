import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { attend } from '../../api/schedule/duties.ts';
import { type LocalRds, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
/** A Sunday, in the default maintenance window. */
const maintenance = new Date('2037-03-01T04:10:00Z');
let local: LocalRds;
let clock: Date | undefined;

beforeAll(async () => {
  local = await startLocalRds({ clock: () => clock ?? new Date() });
  await local.create(id('one'));
});
afterAll(() => local?.stop());

const modify = async (
  wanted: Omit<sdk.ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'>,
  name = 'one',
) => {
  const command = new sdk.ModifyDBInstanceCommand({ ...wanted, ...id(name) });
  return (await local.client().send(command)).DBInstance?.PendingModifiedValues;
};
const maintain = () => {
  clock = maintenance;
  attend(local.rds.service);
  clock = undefined;
};

describe('a rename that waits', () => {
  test('goes on waiting while something else is changed', async () => {
    expect(await modify({ NewDBInstanceIdentifier: 'two' })).toEqual(id('two'));
    expect(await modify({ DeletionProtection: false })).toEqual(id('two'));
    expect(await modify({ BackupRetentionPeriod: 0 })).toEqual(id('two'));
    expect(await modify({ DBInstanceClass: 'db.t4g.small' })).toEqual({
      ...id('two'),
      DBInstanceClass: 'db.t4g.small',
    });
    await modify({ MasterUserPassword: 'only-for-this-test' });
    expect((await local.available('one')).PendingModifiedValues).toMatchObject(id('two'));
    expect(await modify({ DBInstanceClass: 'db.t4g.micro' })).toEqual(id('two'));
  });

  test('is cancelled by the current name, and replaced by another', async () => {
    expect(await modify({ NewDBInstanceIdentifier: 'three' })).toEqual(id('three'));
    expect(await modify({ NewDBInstanceIdentifier: 'ONE' })).toEqual({});
  });

  test('is made in the window', async () => {
    await modify({ NewDBInstanceIdentifier: 'two' });
    maintain();
    expect((await local.available('two')).PendingModifiedValues).toEqual({});
    await modify({ NewDBInstanceIdentifier: 'one', ApplyImmediately: true }, 'two');
    await local.available('one');
  });

  test('leaves an instance alone that was given the name meanwhile, and says so', async () => {
    await modify({ NewDBInstanceIdentifier: 'coveted' });
    const { DbiResourceId } = await local.create(id('coveted'));
    maintain();
    expect(await local.available('one')).toMatchObject({ PendingModifiedValues: {} });
    expect(await local.describe('coveted')).toMatchObject({ DbiResourceId });
    const { Events = [] } = await local
      .client()
      .send(new sdk.DescribeEventsCommand({ SourceIdentifier: 'one', SourceType: 'db-instance' }));
    expect(Events.map(({ Message }) => Message)).toContain(
      'The instance was not renamed: there is another DB instance coveted.',
    );
  });
});

describe('storage that waits', () => {
  test.each([
    ['the current size', { AllocatedStorage: 500 }, { AllocatedStorage: 20 }],
    [
      'the current size, with Iops that were chosen',
      { AllocatedStorage: 500, Iops: 15_000 },
      { AllocatedStorage: 20 },
    ],
    [
      'the current type',
      { StorageType: 'io1', AllocatedStorage: 100, Iops: 3_500 },
      { StorageType: 'gp3', AllocatedStorage: 20 },
    ],
  ])('is cancelled whole by %s', async (_, wanted, current) => {
    expect(await modify(wanted)).toMatchObject(wanted);
    expect(await modify(current)).toEqual({});
  });

  test('takes what a later request adds to it, and what that leaves out', async () => {
    const large = { AllocatedStorage: 500, Iops: 12_000, StorageThroughput: 500 };
    expect(await modify({ AllocatedStorage: 500 })).toEqual(large);
    expect(await modify({ Iops: 15_000 })).toEqual({ ...large, Iops: 15_000 });
    expect(await modify({ CopyTagsToSnapshot: true })).toEqual({ ...large, Iops: 15_000 });
    expect(await modify({ AllocatedStorage: 600 })).toEqual({
      ...large,
      AllocatedStorage: 600,
      Iops: 15_000,
    });
    expect(await modify({ AllocatedStorage: 20 })).toEqual({});
  });

  test('keeps the type of Iops that it has, when the type is taken back', async () => {
    await modify({ StorageType: 'io1', AllocatedStorage: 400, Iops: 20_000 });
    expect(await modify({ StorageType: 'gp3' })).toEqual({
      AllocatedStorage: 400,
      Iops: 12_000,
      StorageThroughput: 500,
    });
    expect(await modify({ AllocatedStorage: 20 })).toEqual({});
  });
});

describe('a replica whose source is deleted', () => {
  const replicaOf = async (source: string, name: string) => {
    await local
      .client()
      .send(new sdk.CreateDBInstanceReadReplicaCommand({ ...id(name), SourceDBInstanceIdentifier: source }));
    return local.available(name);
  };
  const remove = async (name: string) => {
    await local.client().send(new sdk.DeleteDBInstanceCommand({ ...id(name), SkipFinalSnapshot: true }));
    await local.deleted(name);
  };
  const alone = (name: string) =>
    expect
      .poll(
        async () => {
          const shown = await local.describe(name);
          return [shown.DBInstanceStatus, shown.ReadReplicaSourceDBInstanceIdentifier];
        },
        { timeout: 20_000 },
      )
      .toEqual(['available', undefined]);

  test.each([
    ['modifying', () => modify({ DBInstanceClass: 'db.t4g.large', ApplyImmediately: true }, 'busy')],
    ['rebooting', () => local.client().send(new sdk.RebootDBInstanceCommand(id('busy')))],
    [
      'backing-up',
      () =>
        local
          .client()
          .send(new sdk.CreateDBSnapshotCommand({ ...id('busy'), DBSnapshotIdentifier: 'of-busy' })),
    ],
  ])('while it is %s is promoted when that has ended', async (status, begin) => {
    await local.create({ ...id('source'), BackupRetentionPeriod: 1 });
    await replicaOf('source', 'busy');
    const held = local.states.next(':db:busy', status);
    await begin();
    await held.entered;
    await remove('source');
    expect(await local.describe('busy')).toMatchObject({
      DBInstanceStatus: status,
      ReadReplicaSourceDBInstanceIdentifier: 'source',
      StatusInfos: [{ Status: 'stopped' }],
    });
    held.release();
    await alone('busy');
    await local.connect('busy', (client) => client.query('CREATE TABLE written (a int)'));
    await remove('busy');
  });

  test('is promoted by the next program when this one ends before', async () => {
    await local.create({ ...id('source'), BackupRetentionPeriod: 1 });
    await replicaOf('source', 'late');
    const held = local.states.next(':db:late', 'rebooting');
    await local.client().send(new sdk.RebootDBInstanceCommand(id('late')));
    await held.entered;
    await remove('source');
    await local.restart();
    await local.available('late');
    attend(local.rds.service);
    await alone('late');
  });

  test('keeps what waited when it is promoted', async () => {
    await local.create({ ...id('origin'), BackupRetentionPeriod: 1 });
    await replicaOf('origin', 'waiting');
    const waits = { DBInstanceClass: 'db.t4g.large', ...id('renamed') };
    await modify({ DBInstanceClass: 'db.t4g.large', NewDBInstanceIdentifier: 'renamed' }, 'waiting');
    await local.client().send(new sdk.PromoteReadReplicaCommand(id('waiting')));
    await alone('waiting');
    expect(await local.describe('waiting')).toMatchObject({
      BackupRetentionPeriod: 1,
      PendingModifiedValues: waits,
    });
  });
});
