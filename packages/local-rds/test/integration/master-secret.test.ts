import * as sdk from '@aws-sdk/client-rds';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Secret } from '../../api/secrets.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
const kept = new Map<string, Secret>();
let local: LocalRds;

beforeAll(async () => {
  local = await startLocalRds({
    secrets: {
      async put({ region }, secret) {
        const arn = secret.arn ?? `arn:aws:secretsmanager:${region}:${account}:secret:${secret.name}-AbCdEf`;
        kept.set(arn, secret);
        return arn;
      },
      async delete(_, arn) {
        kept.delete(arn);
      },
    },
  });
});
afterAll(() => local?.stop());

const modify = (wanted: Omit<sdk.ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'>) =>
  local.client().send(new sdk.ModifyDBInstanceCommand({ ...id('managed'), ...wanted }));
const secretOf = async () => {
  const { MasterUserSecret } = await local.describe('managed');
  const { value = '{}', tags } = kept.get(MasterUserSecret?.SecretArn ?? '') ?? {};
  return {
    shown: MasterUserSecret,
    tags,
    ...(JSON.parse(value) as { username?: string; password?: string }),
  };
};
const connect = async (password: string | undefined) => {
  const { Endpoint } = await local.describe('managed');
  const client = new pg.Client({
    host: Endpoint?.Address ?? '',
    port: Endpoint?.Port ?? 0,
    user: 'app',
    password: password ?? '',
    database: 'postgres',
    ssl: { ca: local.rds.ca },
  });
  try {
    await client.connect();
    return (await client.query('SELECT current_user')).rows[0].current_user;
  } finally {
    await client.end();
  }
};

test('RDS manages the master password of a new instance, which its secret opens', async () => {
  await local.create({
    ...id('managed'),
    BackupRetentionPeriod: 1,
    ManageMasterUserPassword: true,
    MasterUserPassword: undefined,
  });
  const secret = await secretOf();
  expect(secret).toMatchObject({
    shown: {
      SecretArn: expect.stringMatching(/:secret:rds!db-/),
      SecretStatus: 'active',
      KmsKeyId: expect.stringContaining('aws/secretsmanager'),
    },
    username: 'app',
  });
  expect(await connect(secret.password)).toBe('app');
});

test('it is rotated at once, and no other password is taken meanwhile', async () => {
  const before = await secretOf();
  await expect(modify({ RotateMasterUserPassword: true })).rejects.toThrow('ApplyImmediately');
  await expect(modify({ MasterUserPassword: 'another-for-this-test' })).rejects.toThrow('manages');
  await expect(modify({ ManageMasterUserPassword: false })).rejects.toThrow('must be given');
  await modify({ RotateMasterUserPassword: true, ApplyImmediately: true });
  await local.available('managed');
  const after = await secretOf();
  expect(after.shown).toEqual(before.shown);
  expect(after.password).not.toBe(before.password);
  expect(await connect(after.password)).toBe('app');
  await expect(connect(before.password)).rejects.toMatchObject({ code: '28P01' });
});

test('such an instance has no replica, and what is restored from it is not managed until it is asked for', async () => {
  const client = local.client();
  await expect(
    client.send(
      new sdk.CreateDBInstanceReadReplicaCommand({ ...id('no'), SourceDBInstanceIdentifier: 'managed' }),
    ),
  ).rejects.toThrow('can have no read replica');
  await client.send(
    new sdk.CreateDBSnapshotCommand({ ...id('managed'), DBSnapshotIdentifier: 'of-managed' }),
  );
  await local.snapshotAvailable('of-managed');
  const restore = { ...id('scratch'), DBSnapshotIdentifier: 'of-managed', BackupRetentionPeriod: 0 };
  // "Applies to RDS for Oracle only": RestoreDBInstanceFromDBSnapshot in the API Reference.
  await expect(
    client.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...restore, ManageMasterUserPassword: true }),
    ),
  ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await client.send(new sdk.RestoreDBInstanceFromDBSnapshotCommand(restore));
  expect((await local.available('scratch')).MasterUserSecret).toBeUndefined();
  await client.send(new sdk.ModifyDBInstanceCommand({ ...id('scratch'), ManageMasterUserPassword: true }));
  await local.available('scratch');
  expect((await local.describe('scratch')).MasterUserSecret?.SecretStatus).toBe('active');
  expect(kept.size).toBe(2);
  await client.send(new sdk.DeleteDBInstanceCommand({ ...id('scratch'), SkipFinalSnapshot: true }));
  await local.deleted('scratch');
  expect(kept.size).toBe(1);
});

test('the secret is deleted when a password is given in its place', async () => {
  await local.available('managed');
  await modify({ ManageMasterUserPassword: false, MasterUserPassword: 'only-for-this-test' });
  await local.available('managed');
  expect((await local.describe('managed')).MasterUserSecret).toBeUndefined();
  expect(kept.size).toBe(0);
  expect(await connect('only-for-this-test')).toBe('app');
});
