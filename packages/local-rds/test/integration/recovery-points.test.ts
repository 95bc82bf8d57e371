import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rehearse } from '../../rehearsal/ask.ts';
import { type RehearsalServer, startRehearsalServer } from '../../rehearsal/server.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';
import { often } from '../support/often.ts';

vi.setConfig({ testTimeout: 60_000 });

/* What a backup by snapshots, its copies and its restore tests ask of RDS, and what can go wrong with each. */

const HOME = 'eu-west-1';
const STANDBY = 'eu-central-1';
const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
const arn = (kind: string, name: string) => `arn:aws:rds:${HOME}:${account}:${kind}:${name}`;
const key = (region: string, name: string) => `arn:aws:kms:${region}:${account}:key/${name}`;
const tags = [{ Key: 'lifeboat:run', Value: 'run-1' }];
let local: LocalRds;
let rehearsal: RehearsalServer;

beforeAll(async () => {
  local = await startLocalRds({
    keys: {
      find: async (reference, { region }) =>
        reference === key(region, 'own') || reference === 'own'
          ? { arn: key(region, 'own'), enabled: true }
          : undefined,
    },
  });
  rehearsal = await startRehearsalServer(local.rds.stage, { port: 0 });
  await local.create({
    ...id('shop'),
    BackupRetentionPeriod: 7,
    StorageEncrypted: true,
    KmsKeyId: 'own',
  });
  await local.connect('shop', (client) => client.query('CREATE TABLE heartbeat (at timestamptz)'));
});
afterAll(async () => {
  await rehearsal?.stop();
  await local?.stop();
});

const call = (control: string, input: Record<string, unknown>) =>
  rehearse({ endpoint: rehearsal.endpoint ?? '' }, control, input);
const snapshotOf = async (DBSnapshotIdentifier: string) => {
  const command = new sdk.CreateDBSnapshotCommand({ ...id('shop'), DBSnapshotIdentifier, Tags: tags });
  return (await local.client().send(command)).DBSnapshot;
};
const snapshot = async (DBSnapshotIdentifier: string, region = HOME) => {
  const command = new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier });
  return (await local.client(region).send(command)).DBSnapshots?.[0];
};
const beat = (name = 'shop') =>
  local.connect(name, async (client) => {
    const { rows } = await client.query('INSERT INTO heartbeat VALUES (clock_timestamp()) RETURNING at');
    return rows[0].at as Date;
  });
const beats = (name: string, region?: string) =>
  local.connect(
    name,
    async (client) =>
      (await client.query('SELECT at FROM heartbeat ORDER BY at')).rows.map(({ at }) =>
        (at as Date).getTime(),
      ),
    region,
  );
/** Deletes a scratch instance as a restore test does, and proves that nothing of it stays. */
const removeScratch = async (name: string, region = HOME) => {
  const client = local.client(region);
  const { DbiResourceId } = await local.describe(name, region);
  await client.send(
    new sdk.DeleteDBInstanceCommand({ ...id(name), SkipFinalSnapshot: true, DeleteAutomatedBackups: true }),
  );
  await local.deleted(name, region);
  const { DBInstanceAutomatedBackups = [] } = await client.send(
    new sdk.DescribeDBInstanceAutomatedBackupsCommand({}),
  );
  expect(DBInstanceAutomatedBackups.map((backup) => backup.DbiResourceId)).not.toContain(DbiResourceId);
  const { DBSnapshots = [] } = await client.send(new sdk.DescribeDBSnapshotsCommand({}));
  expect(DBSnapshots.filter((one) => one.DbiResourceId === DbiResourceId)).toEqual([]);
};

describe('a snapshot', () => {
  test('is taken with its tags, copied to another Region under its key, and restored there', async () => {
    const at = await beat();
    expect(await snapshotOf('run-1')).toMatchObject({ Status: 'creating', TagList: tags });
    // A second attempt with the same name finds the first one's.
    await expect(snapshotOf('run-1')).rejects.toBeInstanceOf(sdk.DBSnapshotAlreadyExistsFault);
    await local.snapshotAvailable('run-1');
    await beat();
    const there = local.client(STANDBY);
    const copy = {
      SourceDBSnapshotIdentifier: arn('snapshot', 'run-1'),
      TargetDBSnapshotIdentifier: 'run-1-copy',
      SourceRegion: HOME,
      CopyTags: true,
    };
    await expect(there.send(new sdk.CopyDBSnapshotCommand(copy))).rejects.toThrow('KmsKeyId must name a key');
    await expect(
      there.send(new sdk.CopyDBSnapshotCommand({ ...copy, KmsKeyId: key(HOME, 'own') })),
    ).rejects.toBeInstanceOf(sdk.KMSKeyNotAccessibleFault);
    await there.send(new sdk.CopyDBSnapshotCommand({ ...copy, KmsKeyId: key(STANDBY, 'own') }));
    await local.snapshotAvailable('run-1-copy', STANDBY);
    expect(await snapshot('run-1-copy', STANDBY)).toMatchObject({
      Status: 'available',
      Encrypted: true,
      KmsKeyId: key(STANDBY, 'own'),
      SourceRegion: HOME,
      SourceDBSnapshotIdentifier: arn('snapshot', 'run-1'),
      TagList: tags,
      AllocatedStorage: 20,
    });
    await there.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({
        ...id('scratch'),
        DBSnapshotIdentifier: 'run-1-copy',
        DBInstanceClass: 'db.t4g.small',
        DeletionProtection: false,
        LicenseModel: 'postgresql-license',
        Tags: [{ Key: 'lifeboat:expires', Value: '2037-01-01T00:00:00Z' }],
      }),
    );
    expect(await local.available('scratch', STANDBY)).toMatchObject({
      DBInstanceClass: 'db.t4g.small',
      DeletionProtection: false,
      KmsKeyId: key(STANDBY, 'own'),
      TagList: [{ Key: 'lifeboat:expires', Value: '2037-01-01T00:00:00Z' }],
    });
    expect(await beats('scratch', STANDBY)).toEqual([at.getTime()]);
    await removeScratch('scratch', STANDBY);
  });

  test('that stays creating is creating until it is released', async () => {
    await call('hold-next', { of: 'stuck', status: 'creating', seconds: 86_400 });
    await snapshotOf('stuck');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await snapshot('stuck')).toMatchObject({ Status: 'creating', PercentProgress: 0 });
    await expect(
      sdk.waitUntilDBSnapshotAvailable(
        { client: local.client(), ...often, maxWaitTime: 1 },
        { DBSnapshotIdentifier: 'stuck' },
      ),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    await call('release', { of: 'stuck' });
    await local.snapshotAvailable('stuck');
    await local.available('shop');
  });

  test('that fails says so, cannot be restored, and leaves the instance available', async () => {
    await call('hold-next', { of: 'lost', status: 'creating', failure: 'The storage has gone away.' });
    await snapshotOf('lost');
    await expect.poll(async () => (await snapshot('lost'))?.Status).toBe('failed');
    await local.available('shop');
    await expect(
      local
        .client()
        .send(
          new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('never'), DBSnapshotIdentifier: 'lost' }),
        ),
    ).rejects.toBeInstanceOf(sdk.InvalidDBSnapshotStateFault);
    await local.client().send(new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'lost' }));
  });

  test('that is damaged makes an instance incompatible-restore, which the waiter notices and which is deleted', async () => {
    await snapshotOf('rotten');
    await local.snapshotAvailable('rotten');
    await call('damage-snapshot', { snapshot: 'rotten' });
    await local
      .client()
      .send(
        new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('scratch'), DBSnapshotIdentifier: 'rotten' }),
      );
    await expect(
      sdk.waitUntilDBInstanceAvailable({ client: local.client(), ...often }, id('scratch')),
    ).rejects.toThrow(/incompatible-restore/);
    await removeScratch('scratch');
    await expect(call('damage-snapshot', { snapshot: 'nothing' })).rejects.toThrow(/409.*no snapshot/);
  });

  test('of an instance that never becomes available leaves an instance that is deleted once it is released', async () => {
    await call('hold-next', { of: 'scratch', status: 'creating', seconds: 86_400 });
    await local
      .client()
      .send(
        new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('scratch'), DBSnapshotIdentifier: 'run-1' }),
      );
    await expect(
      sdk.waitUntilDBInstanceAvailable({ client: local.client(), ...often, maxWaitTime: 1 }, id('scratch')),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(
      local.client().send(new sdk.DeleteDBInstanceCommand({ ...id('scratch'), SkipFinalSnapshot: true })),
    ).rejects.toBeInstanceOf(sdk.InvalidDBInstanceStateFault);
    await call('release', { of: 'scratch' });
    await local.available('scratch');
    await removeScratch('scratch');
  });

  test('beyond the quota is refused, and accepted when the quota is raised', async () => {
    await call('set-quota', { quota: 'manualSnapshots', most: 1 });
    await expect(snapshotOf('too-many')).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await call('set-quota', { quota: 'instances', most: 1 });
    const restore = new sdk.RestoreDBInstanceFromDBSnapshotCommand({
      ...id('too-many'),
      DBSnapshotIdentifier: 'run-1',
    });
    await expect(local.client().send(restore)).rejects.toBeInstanceOf(sdk.InstanceQuotaExceededFault);
    await call('set-quota', { quota: 'manualSnapshots' });
    await call('set-quota', { quota: 'instances' });
    await snapshotOf('too-many');
    await local.snapshotAvailable('too-many');
    await local.available('shop');
  });
});

describe('a point in time', () => {
  const latest = async () => (await local.describe('shop')).LatestRestorableTime ?? new Date(0);
  const rewind = (input: Partial<sdk.RestoreDBInstanceToPointInTimeCommandInput>, region = HOME) =>
    local
      .client(region)
      .send(
        new sdk.RestoreDBInstanceToPointInTimeCommand({ TargetDBInstanceIdentifier: 'scratch', ...input }),
      );
  const reached = (time: Date) =>
    expect.poll(latest, { timeout: 20_000 }).toSatisfy((moment: Date) => moment > time);

  test('moves on, and is restored between two heartbeats, and to the latest', async () => {
    const before = await latest();
    const one = await beat();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const between = new Date();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const two = await beat();
    await reached(two);
    expect((await latest()).getTime()).toBeGreaterThan(before.getTime());

    await rewind({ SourceDBInstanceIdentifier: 'shop', RestoreTime: between });
    await local.available('scratch');
    expect((await beats('scratch')).at(-1)).toBe(one.getTime());
    await removeScratch('scratch');

    await rewind({ SourceDBInstanceIdentifier: 'shop', UseLatestRestorableTime: true });
    await local.available('scratch');
    expect((await beats('scratch')).at(-1)).toBe(two.getTime());
    await removeScratch('scratch');
    await expect(
      rewind({ SourceDBInstanceIdentifier: 'shop', RestoreTime: new Date(Date.now() + 3_600_000) }),
    ).rejects.toThrow('cannot be restored to a time later than');
  });

  test('is restored in another Region from replicated automated backups', async () => {
    const there = local.client(STANDBY);
    const start = { SourceDBInstanceArn: arn('db', 'shop'), BackupRetentionPeriod: 14, SourceRegion: HOME };
    await expect(
      there.send(new sdk.StartDBInstanceAutomatedBackupsReplicationCommand(start)),
    ).rejects.toThrow('KmsKeyId must name a key');
    const { DBInstanceAutomatedBackup: started } = await there.send(
      new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({ ...start, KmsKeyId: key(STANDBY, 'own') }),
    );
    const at = await beat();
    const copied = async () => {
      const { DBInstanceAutomatedBackups = [] } = await there.send(
        new sdk.DescribeDBInstanceAutomatedBackupsCommand({
          Filters: [{ Name: 'db-instance-id', Values: ['shop'] }],
        }),
      );
      return DBInstanceAutomatedBackups[0];
    };
    await expect
      .poll(copied, { timeout: 20_000 })
      .toSatisfy((one?: sdk.DBInstanceAutomatedBackup) => (one?.RestoreWindow?.LatestTime ?? 0) > at);
    expect(await copied()).toMatchObject({
      Status: 'replicating',
      DBInstanceIdentifier: 'shop',
      BackupRetentionPeriod: 14,
      Encrypted: true,
      KmsKeyId: key(STANDBY, 'own'),
      DBInstanceAutomatedBackupsArn: started?.DBInstanceAutomatedBackupsArn,
    });
    await call('take-region-down', { region: HOME });
    await rewind(
      {
        SourceDBInstanceAutomatedBackupsArn: started?.DBInstanceAutomatedBackupsArn,
        UseLatestRestorableTime: true,
      },
      STANDBY,
    );
    await local.available('scratch', STANDBY);
    expect((await beats('scratch', STANDBY)).at(-1)).toBe(at.getTime());
    await removeScratch('scratch', STANDBY);
    await call('bring-region-up', { region: HOME });
    await local.available('shop');
  });
});

describe('requests that come too fast', () => {
  test('are refused with Throttling, every call once, and accepted by a client that tries again', async () => {
    await call('throttle', { refusals: 1 });
    await expect(local.describe('shop')).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    await local.describe('shop');
    const { endpoint } = local.rds;
    const patient = new sdk.RDSClient({
      region: HOME,
      endpoint,
      credentials: { accessKeyId: account, secretAccessKey: 'any' },
    });
    const { DBInstances, $metadata } = await patient.send(new sdk.DescribeDBInstancesCommand(id('shop')));
    expect([DBInstances?.length, $metadata.attempts]).toEqual([1, 2]);
    patient.destroy();
    await call('throttle', { refusals: 0 });
    for (let count = 0; count < 3; count++) await local.describe('shop');
  });

  test('are those of one action in one Region, and no other', async () => {
    await call('throttle', { action: 'CreateDBSnapshot', region: HOME, refusals: 1_000 });
    for (let count = 0; count < 3; count++)
      await expect(snapshotOf('throttled')).rejects.toMatchObject({ name: 'Throttling' });
    await local.describe('shop');
    await expect(
      local
        .client(STANDBY)
        .send(new sdk.CreateDBSnapshotCommand({ ...id('shop'), DBSnapshotIdentifier: 'throttled' })),
    ).rejects.toBeInstanceOf(sdk.DBInstanceNotFoundFault);
    await call('throttle', { action: 'CreateDBSnapshot', region: HOME, refusals: 0 });
    await snapshotOf('throttled');
    await local.snapshotAvailable('throttled');
  });
});
