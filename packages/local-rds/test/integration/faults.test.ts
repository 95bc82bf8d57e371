import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Key } from '../../api/keys.ts';
import {
  documentedFaults,
  excusedFaults,
  excusedPairs,
  PROVOKED_BY_STATES,
} from '../support/documented-faults.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';
import { automatedBackupRows } from './faults/automated-backups.ts';
import {
  arn,
  attribute,
  copy,
  create,
  elsewhere,
  other,
  replica,
  restore,
  rewind,
  sendable,
} from './faults/commands.ts';
import { eventAndTagRows } from './faults/events-and-tags.ts';
import { groupRows } from './faults/groups.ts';
import { instanceRows } from './faults/instances.ts';
import { replicaRows } from './faults/replicas.ts';
import { restoreRows } from './faults/restores.ts';
import { snapshotRows } from './faults/snapshots.ts';

vi.setConfig({ testTimeout: 60_000 });

/*
 * Every fault that an action answers for what is asked of it, by the class that the SDK has for it; those that depend on a state
 * are in states.test.ts.
 */

const keys = new Map<string, Key>(
  ['eu-west-1', elsewhere].flatMap((region) =>
    ['good', 'disabled', 'later-disabled'].map((name) => {
      const key = `arn:aws:kms:${region}:${account}:key/${name}`;
      return [`${region} ${name}`, { arn: key, enabled: name !== 'disabled' }];
    }),
  ),
);

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds({
    quotas: {
      instances: 4,
      manualSnapshots: 3,
      replicasOfOneSource: 1,
      automatedBackupReplications: 1,
      subnetGroups: 1,
      parameterGroups: 1,
      tagsOfOneThing: 3,
      accountsOfOneSnapshot: 2,
    },
    keys: { find: async (reference, { region }) => keys.get(`${region} ${reference.replace(/^.*\//, '')}`) },
  });
  const client = local.client();
  await client.send(
    new sdk.CreateDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      DBParameterGroupFamily: 'postgres18',
      Description: 'x',
    }),
  );
  await client.send(
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'net',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1', 'subnet-2'],
    }),
  );
  await Promise.all([
    local.create({
      DBInstanceIdentifier: 'plain',
      DBParameterGroupName: 'tuned',
      DBSubnetGroupName: 'net',
      DeletionProtection: true,
    }),
    local.create({
      DBInstanceIdentifier: 'secret',
      BackupRetentionPeriod: 1,
      StorageEncrypted: true,
      KmsKeyId: 'good',
    }),
  ]);
  await client.send(
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'plain-1' }),
  );
  await client.send(
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'secret', DBSnapshotIdentifier: 'secret-1' }),
  );
  await Promise.all([local.snapshotAvailable('plain-1'), local.snapshotAvailable('secret-1')]);
  await Promise.all([local.available('plain'), local.available('secret')]);
});
afterAll(() => local.stop());

const rows = [
  ...instanceRows,
  ...snapshotRows,
  ...restoreRows,
  ...replicaRows,
  ...automatedBackupRows,
  ...eventAndTagRows,
  ...groupRows,
];

describe('is refused', () => {
  test.each(rows.map((row) => [row[1].constructor.name.replace('Command', ''), ...row] as const))(
    '%s: %s',
    async (operation, _, command, fault, message = '', { region, as } = {}) => {
      const error = await local
        .client(region, as)
        .send(sendable(command))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: fault, message: expect.stringContaining(message) });
      const typed = (sdk as unknown as Record<string, new () => Error>)[fault];
      if (!typed) return;
      expect(error).toBeInstanceOf(typed);
      const declared = local.rds.service.model.operations[operation]?.errors.map(({ shape }) => shape);
      expect(declared).toContain(fault);
    },
  );

  test('nothing of it has changed anything', async () => {
    const { DBInstances = [] } = await local.client().send(new sdk.DescribeDBInstancesCommand({}));
    expect(
      DBInstances.map(({ DBInstanceIdentifier: name, DBInstanceStatus }) => [name, DBInstanceStatus]),
    ).toEqual([
      ['plain', 'available'],
      ['secret', 'available'],
    ]);
    const { DBSnapshots = [] } = await local
      .client()
      .send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    expect(DBSnapshots.map(({ DBSnapshotIdentifier: name }) => name)).toEqual(['plain-1', 'secret-1']);
    expect(await local.rds.engine.list()).toHaveLength(2);
  });
});

describe('a quota is held', () => {
  test('for replicas of one source, instances and manual snapshots', async () => {
    const client = local.client();
    await client.send(replica('secret', { DBInstanceIdentifier: 'second' }));
    await local.available('second');
    await expect(client.send(replica('secret', { DBInstanceIdentifier: 'third' }))).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: expect.stringContaining('can have no more'),
    });
    await local.create({
      DBInstanceIdentifier: 'fourth',
      BackupRetentionPeriod: 1,
      StorageEncrypted: true,
      KmsKeyId: 'good',
    });
    for (const command of [
      create({}),
      replica('fourth'),
      restore({}),
      rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true }),
    ]) {
      await expect(client.send(command as sdk.CreateDBInstanceCommand)).rejects.toBeInstanceOf(
        sdk.InstanceQuotaExceededFault,
      );
    }
    await client.send(copy('plain-1', 'plain-2'));
    await expect(client.send(copy('plain-1', 'plain-3'))).rejects.toBeInstanceOf(
      sdk.SnapshotQuotaExceededFault,
    );
    await expect(
      client.send(
        new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'plain-3' }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await expect(
      client.send(
        new sdk.DeleteDBInstanceCommand({
          DBInstanceIdentifier: 'secret',
          FinalDBSnapshotIdentifier: 'last',
        }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await expect(
      client.send(
        new sdk.StopDBInstanceCommand({ DBInstanceIdentifier: 'fourth', DBSnapshotIdentifier: 'last' }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await local.snapshotAvailable('plain-2');
  });

  test('for copies of automated backups', async () => {
    const client = local.client(elsewhere);
    const start = (name: string) =>
      new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({
        SourceDBInstanceArn: arn('db', name),
        KmsKeyId: 'good',
      });
    await client.send(start('secret'));
    await expect(client.send(start('secret'))).rejects.toBeInstanceOf(
      sdk.InvalidDBInstanceAutomatedBackupStateFault,
    );
    await expect(client.send(start('fourth'))).rejects.toBeInstanceOf(
      sdk.DBInstanceAutomatedBackupQuotaExceededFault,
    );
  });
});

test('automated backups that are still made cannot be deleted', async () => {
  const { DbiResourceId } = await local.describe('secret');
  await expect(
    local.client().send(new sdk.DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId })),
  ).rejects.toBeInstanceOf(sdk.InvalidDBInstanceAutomatedBackupStateFault);
});

describe('a key that is disabled later', () => {
  test('stops restores, copies, starts and reboots of what it encrypts, not what runs', async () => {
    const client = local.client();
    const fourth = { DBInstanceIdentifier: 'fourth' };
    await client.send(new sdk.StopDBInstanceCommand(fourth));
    const status = async () => (await local.describe('fourth')).DBInstanceStatus;
    await expect.poll(status, { timeout: 30_000 }).toBe('stopped');
    keys.set('eu-west-1 good', { arn: `arn:aws:kms:eu-west-1:${account}:key/good`, enabled: false });
    await expect(client.send(restore({ DBSnapshotIdentifier: 'secret-1' }))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(
      client.send(rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true })),
    ).rejects.toBeInstanceOf(sdk.KMSKeyNotAccessibleFault);
    await expect(client.send(copy('secret-1', 'new', { KmsKeyId: 'later-disabled' }))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(client.send(new sdk.StartDBInstanceCommand(fourth))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(
      client.send(new sdk.RebootDBInstanceCommand({ DBInstanceIdentifier: 'secret' })),
    ).rejects.toBeInstanceOf(sdk.KMSKeyNotAccessibleFault);
    await local.connect('secret', (secret) => secret.query('SELECT 1'));
  });
});

describe('a snapshot that is shared', () => {
  test('is seen and restored by whom it is shared with, and not handed on by them', async () => {
    const client = local.client();
    const theirs = local.client('eu-west-1', other);
    await client.send(attribute('plain-1', [other]));
    const { DBSnapshotAttributesResult } = await theirs.send(
      new sdk.DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: arn('snapshot', 'plain-1') }),
    );
    expect(DBSnapshotAttributesResult?.DBSnapshotAttributes).toEqual([
      { AttributeName: 'restore', AttributeValues: [other] },
    ]);
    const shared = await theirs.send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'shared' }));
    expect(shared.DBSnapshots?.map(({ DBSnapshotArn }) => DBSnapshotArn)).toEqual([
      arn('snapshot', 'plain-1'),
    ]);
    expect((await theirs.send(new sdk.DescribeDBSnapshotsCommand({}))).DBSnapshots).toEqual([]);
    await expect(theirs.send(attribute(arn('snapshot', 'plain-1'), ['all']))).rejects.toBeInstanceOf(
      sdk.DBSnapshotNotFoundFault,
    );
    await theirs.send(copy(arn('snapshot', 'plain-1'), 'mine-now'));
    const mine = async () =>
      (await theirs.send(new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'mine-now' })))
        .DBSnapshots?.[0];
    await expect.poll(async () => (await mine())?.Status, { timeout: 30_000 }).toBe('available');
    await client.send(
      new sdk.ModifyDBSnapshotAttributeCommand({
        DBSnapshotIdentifier: 'plain-1',
        AttributeName: 'restore',
        ValuesToRemove: [other],
      }),
    );
    await expect(
      theirs.send(restore({ DBSnapshotIdentifier: arn('snapshot', 'plain-1') })),
    ).rejects.toBeInstanceOf(sdk.DBSnapshotNotFoundFault);
  });
});

describe('of the faults that AWS documents for an action', () => {
  test('none that can come about is left out', () => {
    const provoked = new Set([...local.faults, ...PROVOKED_BY_STATES]);
    const left = documentedFaults(local.rds.service.model).filter((pair) => !provoked.has(pair));
    expect(left).toEqual([]);
  });

  test('none came about that is said not to', () => {
    const impossible = new Set(excusedFaults());
    const answered = [...local.faults].filter(
      (pair) => impossible.has(pair.split(' ')[1] ?? '') || excusedPairs().includes(pair),
    );
    expect(answered).toEqual([]);
  });
});
