import {
  CopyDBSnapshotCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartDBInstanceAutomatedBackupsReplicationCommand,
  StopDBInstanceAutomatedBackupsReplicationCommand,
} from '@aws-sdk/client-rds';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';

/*
 * One instance from its creation to its deletion, through the SDK and its waiters: each test goes on where the one before it
 * ended.
 */

vi.setConfig({ testTimeout: 60_000 });

const elsewhere = 'eu-central-1';
let local: LocalRds;

beforeAll(async () => {
  local = await startLocalRds();
});
afterAll(() => local.stop());

const rowsOf = async (client: pg.Client) => (await client.query('SELECT id, text FROM t ORDER BY id')).rows;

/** Resolves once the service says so; looked at again and again, as an operator would. */
async function until(said: () => Promise<boolean>): Promise<void> {
  while (!(await said())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('an instance', () => {
  test('is created with automated backups, TLS, and a master user that is no superuser', async () => {
    const made = await local.create({
      DBInstanceIdentifier: 'Shop',
      DBName: 'orders',
      BackupRetentionPeriod: 3,
      CopyTagsToSnapshot: true,
      DeletionProtection: true,
      MultiAZ: true,
      Tags: [{ Key: 'team', Value: 'checkout' }],
    });
    expect(made).toMatchObject({
      DBInstanceIdentifier: 'shop',
      DBInstanceArn: `arn:aws:rds:eu-west-1:${account}:db:shop`,
      DBName: 'orders',
      BackupRetentionPeriod: 3,
      MultiAZ: true,
      DeletionProtection: true,
      TagList: [{ Key: 'team', Value: 'checkout' }],
    });
    await local.connect('shop', async (client) => {
      const { rows } = await client.query(
        "SELECT current_setting('data_checksums') AS checksums, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)",
      );
      expect(rows).toEqual([{ checksums: 'on', ssl: true, rolsuper: false }]);
      await client.query('CREATE TABLE t (id int PRIMARY KEY, text text NOT NULL)');
      await client.query("INSERT INTO t VALUES (1, 'before the snapshot')");
    });
    const { DBSnapshots } = await local
      .client()
      .send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'shop' }));
    expect(DBSnapshots).toMatchObject([
      {
        SnapshotType: 'automated',
        Status: 'available',
        DBSnapshotIdentifier: expect.stringMatching(/^rds:shop-/),
      },
    ]);
  });

  test('is snapshotted while it stays readable; the snapshot has its tags', async () => {
    await local
      .client()
      .send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'shop', DBSnapshotIdentifier: 'Evening' }));
    await local.snapshotAvailable('evening');
    const { DBSnapshots } = await local
      .client()
      .send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'evening' }));
    expect(DBSnapshots).toMatchObject([
      {
        DBSnapshotIdentifier: 'evening',
        SnapshotType: 'manual',
        PercentProgress: 100,
        MasterUsername: 'app',
        TagList: [{ Key: 'team', Value: 'checkout' }],
      },
    ]);
    await local.available('shop');
    await local.connect('shop', (client) => client.query("INSERT INTO t VALUES (2, 'after the snapshot')"));
  });

  test('is restored in another Region from a copy, as it was, with the default settings of a new instance', async () => {
    const there = local.client(elsewhere);
    await there.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: `arn:aws:rds:eu-west-1:${account}:snapshot:evening`,
        TargetDBSnapshotIdentifier: 'evening-copy',
      }),
    );
    await local.snapshotAvailable('evening-copy', elsewhere);
    const { DBSnapshots } = await there.send(new DescribeDBSnapshotsCommand({}));
    expect(DBSnapshots).toMatchObject([
      {
        DBSnapshotIdentifier: 'evening-copy',
        SourceRegion: 'eu-west-1',
        SourceDBSnapshotIdentifier: `arn:aws:rds:eu-west-1:${account}:snapshot:evening`,
        TagList: [],
      },
    ]);
    await there.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'shop-there',
        DBSnapshotIdentifier: 'evening-copy',
      }),
    );
    expect(await local.available('shop-there', elsewhere)).toMatchObject({
      AvailabilityZone: `${elsewhere}a`,
      MultiAZ: false,
      DeletionProtection: false,
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default' }],
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18' }],
      OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-18' }],
      BackupRetentionPeriod: 3,
      DBInstanceClass: 'db.t4g.micro',
    });
    const restored = await local.connect('shop-there', rowsOf, elsewhere);
    expect(restored).toEqual([{ id: 1, text: 'before the snapshot' }]);
  });

  test('is restored to a moment exactly between two rows', async () => {
    const between = await local.connect('shop', async (client) => {
      await client.query("INSERT INTO t VALUES (3, 'before the moment')");
      await client.query('SELECT pg_sleep(0.02)'); // another millisecond on the server's clock
      const { rows } = await client.query('SELECT clock_timestamp() AS now');
      await client.query('SELECT pg_sleep(0.02)');
      await client.query("INSERT INTO t VALUES (4, 'after the moment')");
      return rows[0].now as Date;
    });
    await until(async () => ((await local.describe('shop')).LatestRestorableTime ?? 0) > between);
    await local.client().send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'shop',
        TargetDBInstanceIdentifier: 'shop-then',
        RestoreTime: between,
        BackupRetentionPeriod: 0,
      }),
    );
    await local.available('shop-then');
    expect((await local.connect('shop-then', rowsOf)).map(({ id }) => id)).toEqual([1, 2, 3]);
    await local.client().send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'shop',
        TargetDBInstanceIdentifier: 'shop-latest',
        UseLatestRestorableTime: true,
        BackupRetentionPeriod: 0,
      }),
    );
    await local.available('shop-latest');
    expect((await local.connect('shop-latest', rowsOf)).length).toBeGreaterThanOrEqual(3);
  });

  test('has a replica in another Region that follows, cannot be written to, and is promoted to write', async () => {
    const there = local.client(elsewhere);
    await there.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'shop-replica',
        SourceDBInstanceIdentifier: `arn:aws:rds:eu-west-1:${account}:db:shop`,
      }),
    );
    expect(await local.available('shop-replica', elsewhere)).toMatchObject({
      ReadReplicaSourceDBInstanceIdentifier: `arn:aws:rds:eu-west-1:${account}:db:shop`,
      BackupRetentionPeriod: 0,
      StatusInfos: [{ StatusType: 'read replication', Status: 'replicating', Normal: true }],
    });
    expect((await local.describe('shop')).ReadReplicaDBInstanceIdentifiers).toEqual([
      `arn:aws:rds:${elsewhere}:${account}:db:shop-replica`,
    ]);
    await local.connect('shop', (client) => client.query("INSERT INTO t VALUES (5, 'streamed')"));
    const seen = async () =>
      (await local.connect('shop-replica', rowsOf, elsewhere)).some(({ id }) => id === 5);
    await until(seen);
    const replica = local.rds.state.instances.get({ account, region: elsewhere }, 'shop-replica');
    const cluster = await local.rds.engine.open(replica?.cluster ?? '');
    expect(await cluster.replica?.lagSeconds()).toBe(0);
    const write = () =>
      local.connect('shop-replica', (client) => client.query("INSERT INTO t VALUES (6, 'own')"), elsewhere);
    await expect(write()).rejects.toMatchObject({ code: '25006' });

    await there.send(
      new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'shop-replica', BackupRetentionPeriod: 2 }),
    );
    const promoted = await local.available('shop-replica', elsewhere);
    expect(promoted).toMatchObject({ BackupRetentionPeriod: 2 });
    expect(promoted.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(promoted.StatusInfos).toBeUndefined();
    await write();
    expect((await local.describe('shop')).ReadReplicaDBInstanceIdentifiers).toEqual([]);
  });

  test('has its automated backups copied to another Region, from where it is restored to a moment', async () => {
    const there = local.client(elsewhere);
    const arn = `arn:aws:rds:eu-west-1:${account}:db:shop`;
    const { DBInstanceAutomatedBackup } = await there.send(
      new StartDBInstanceAutomatedBackupsReplicationCommand({
        SourceDBInstanceArn: arn,
        BackupRetentionPeriod: 7,
      }),
    );
    const backupArn = DBInstanceAutomatedBackup?.DBInstanceAutomatedBackupsArn ?? '';
    expect(backupArn).toMatch(new RegExp(`^arn:aws:rds:${elsewhere}:${account}:auto-backup:ab-`));
    const between = await local.connect('shop', async (client) => {
      await client.query("INSERT INTO t VALUES (7, 'before the second moment')");
      await client.query('SELECT pg_sleep(0.02)');
      const { rows } = await client.query('SELECT clock_timestamp() AS now');
      await client.query('SELECT pg_sleep(0.02)');
      await client.query("INSERT INTO t VALUES (8, 'after the second moment')");
      return rows[0].now as Date;
    });
    const described = async () => {
      const { DBInstanceAutomatedBackups = [] } = await there.send(
        new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceAutomatedBackupsArn: backupArn }),
      );
      return DBInstanceAutomatedBackups[0];
    };
    await until(async () => ((await described())?.RestoreWindow?.LatestTime ?? 0) > between);
    expect(await described()).toMatchObject({
      Status: 'replicating',
      BackupRetentionPeriod: 7,
      Region: elsewhere,
    });
    await there.send(new StopDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn }));
    expect(await described()).toMatchObject({ Status: 'retained' });
    const byResource = new RestoreDBInstanceToPointInTimeCommand({
      SourceDbiResourceId: (await described())?.DbiResourceId,
      TargetDBInstanceIdentifier: 'shop-moment',
      RestoreTime: between,
    });
    await expect(there.send(byResource)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    await there.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceAutomatedBackupsArn: backupArn,
        TargetDBInstanceIdentifier: 'shop-moment',
        RestoreTime: between,
        BackupRetentionPeriod: 0,
      }),
    );
    await local.available('shop-moment', elsewhere);
    const ids = (await local.connect('shop-moment', rowsOf, elsewhere)).map(({ id }) => id);
    expect(ids).toEqual([1, 2, 3, 4, 5, 7]);
    // Begun again, it goes on with what it has, and says so.
    await there.send(new StartDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn }));
    await until(async () => {
      const { DBInstanceAutomatedBackups = [] } = await there.send(
        new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: 'shop' }),
      );
      return DBInstanceAutomatedBackups[0]?.Status === 'replicating';
    });
    await there.send(new StopDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn }));
  });

  test('is deleted with a final snapshot, and leaves its manual snapshots, and its replica in the same Region stands alone', async () => {
    const client = local.client();
    await client.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'reader',
        SourceDBInstanceIdentifier: 'shop',
      }),
    );
    await local.available('reader');
    const remove = { DBInstanceIdentifier: 'shop', FinalDBSnapshotIdentifier: 'shop-final' };
    await expect(client.send(new DeleteDBInstanceCommand(remove))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: expect.stringContaining('deletion protection'),
    });
    await client.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'shop', DeletionProtection: false }),
    );
    await client.send(new DeleteDBInstanceCommand(remove));
    await local.deleted('shop');
    const { DBSnapshots = [] } = await client.send(
      new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'shop' }),
    );
    expect(DBSnapshots.map(({ DBSnapshotIdentifier: name, Status }) => [name, Status])).toEqual([
      ['evening', 'available'],
      ['shop-final', 'available'],
    ]);
    const { DBInstanceAutomatedBackups } = await client.send(
      new DescribeDBInstanceAutomatedBackupsCommand({}),
    );
    expect(DBInstanceAutomatedBackups).toEqual([]);
    const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({}));
    expect(DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([
      'reader',
      'shop-latest',
      'shop-then',
    ]);
    const reader = await local.available('reader');
    expect(reader.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(reader.BackupRetentionPeriod).toBe(0);
    await local.connect('reader', (alone) => alone.query("INSERT INTO t VALUES (9, 'yes')"));
    const { Events = [] } = await client.send(
      new DescribeEventsCommand({
        SourceIdentifier: 'shop',
        SourceType: 'db-instance',
        EventCategories: ['deletion'],
      }),
    );
    expect(Events.map(({ Message }) => Message)).toEqual(['DB instance deleted']);
  });

  test('is whole after its program was stopped and started again', async () => {
    const before = await local.connect('shop-then', rowsOf);
    await local.restart();
    await local.available('shop-then');
    expect(await local.connect('shop-then', rowsOf)).toEqual(before);
  });
});
