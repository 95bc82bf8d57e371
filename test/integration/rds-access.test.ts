import { readdir } from 'node:fs/promises';
import * as iam from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import { callerAs } from './support/call-as-role.ts';
import { often } from './support/often.ts';
import { createRole, type Identity, nobody, root } from './targets/account.ts';

vi.setConfig({ testTimeout: 120_000 });

/*
 * The local RDS as a part of the local AWS: a function of MiniStack's Lambda calls it through the gateway and may do what its role may.
 */

let aws: LocalAws;
let owner: Identity;
let admin: iam.IAMClient;
/** As the function, in a Region. */
let call: Awaited<ReturnType<typeof callerAs>>;
let rds: sdk.RDSClient;
let roleArn: string;
const role = 'restorer';

beforeAll(async () => {
  aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
  owner = root(aws);
  admin = new iam.IAMClient(owner);
  rds = new sdk.RDSClient(owner);
  roleArn = await createRole(owner, role);
  call = await callerAs(owner, 'caller', roleArn);
});
afterAll(async () => {
  for (const client of [admin, rds]) client?.destroy();
  await aws?.stop();
});

/** Replaces what the function's role may do. */
async function allow(...statements: object[]): Promise<void> {
  const Statement = statements.map((one) => ({ Effect: 'Allow', Resource: '*', ...one }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await admin.send(new iam.PutRolePolicyCommand({ RoleName: role, PolicyName: 'inline', PolicyDocument }));
}

const arn = (kind: string, name: string, region = aws.region) =>
  `arn:aws:rds:${region}:${aws.accountId}:${kind}:${name}`;
const denied = (action: string, resource: string) => ({
  error: {
    name: 'AccessDenied',
    message: `User: arn:aws:sts::${aws.accountId}:assumed-role/${role}/caller is not authorized to perform: rds:${action} on resource: ${resource} because no identity-based policy allows the rds:${action} action`,
  },
});
const group = (DBSubnetGroupName: string, more: object = {}) => ({
  DBSubnetGroupName,
  DBSubnetGroupDescription: 'x',
  SubnetIds: ['subnet-1', 'subnet-2'],
  ...more,
});

test('it does not run before it is asked for', async () => {
  const inRun = () => readdir(aws.runFolder);
  expect(await inRun()).not.toContain('rds.log');
  await rds.send(new sdk.DescribeDBInstancesCommand({}));
  expect(await inRun()).toContain('rds.log');
});

describe('a function', () => {
  test('whose role has no policy may do nothing, and is told who, what and where', async () => {
    expect(await call('DescribeDBInstances')).toEqual(denied('DescribeDBInstances', arn('db', '*')));
  });

  test('may do what its role may, and in another Region only where that is said', async () => {
    await allow({
      Action: 'rds:Describe*',
      Condition: { StringEquals: { 'aws:RequestedRegion': aws.region } },
    });
    expect(await call('DescribeDBInstances')).toMatchObject({ answer: { DBInstances: [] } });
    expect(await call('DescribeDBInstances', {}, 'ap-south-1')).toEqual(
      denied('DescribeDBInstances', arn('db', '*', 'ap-south-1')),
    );
    expect(await call('CreateDBSubnetGroup', group('net'))).toEqual(
      denied('CreateDBSubnetGroup', arn('subgrp', 'net')),
    );
  });

  test('is met by a policy that is attached, and no more when it is detached', async () => {
    await allow({ Action: 's3:ListAllMyBuckets' });
    const { Policy } = await admin.send(
      new iam.CreatePolicyCommand({
        PolicyName: 'attached',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'rds:DescribeDBSnapshots', Resource: arn('snapshot', '*') },
        }),
      }),
    );
    const attachment = { RoleName: role, PolicyArn: Policy?.Arn };
    await admin.send(new iam.AttachRolePolicyCommand(attachment));
    expect(await call('DescribeDBSnapshots')).toMatchObject({ answer: { DBSnapshots: [] } });
    await admin.send(new iam.DetachRolePolicyCommand(attachment));
    expect(await call('DescribeDBSnapshots')).toEqual(denied('DescribeDBSnapshots', arn('snapshot', '*')));
  });

  test('may make only what it tags, if it may tag it, and touch only what bears the tag', async () => {
    const onlyScratch = {
      Resource: arn('subgrp', '*'),
      Condition: {
        StringEquals: { 'aws:RequestTag/scratch': 'true' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['scratch'] },
      },
    };
    const deleteScratch = {
      Action: 'rds:DeleteDBSubnetGroup',
      Condition: { StringEquals: { 'aws:ResourceTag/scratch': 'true' } },
    };
    const Tags = [{ Key: 'scratch', Value: 'true' }];
    const owned = [...Tags, { Key: 'owner', Value: 'me' }];
    const mine = arn('subgrp', 'mine');
    await allow({ Action: 'rds:CreateDBSubnetGroup', ...onlyScratch });
    expect(await call('CreateDBSubnetGroup', group('mine', { Tags }))).toEqual(
      denied('AddTagsToResource', mine),
    );
    await allow(
      { Action: ['rds:CreateDBSubnetGroup', 'rds:AddTagsToResource'], ...onlyScratch },
      deleteScratch,
    );
    expect(await call('CreateDBSubnetGroup', group('mine'))).toEqual(denied('CreateDBSubnetGroup', mine));
    expect(await call('CreateDBSubnetGroup', group('mine', { Tags: owned }))).toEqual(
      denied('CreateDBSubnetGroup', mine),
    );
    expect(await call('CreateDBSubnetGroup', group('mine', { Tags }))).toHaveProperty('answer.DBSubnetGroup');
    await rds.send(new sdk.CreateDBSubnetGroupCommand(group('theirs')));
    expect(await call('DeleteDBSubnetGroup', { DBSubnetGroupName: 'theirs' })).toEqual(
      denied('DeleteDBSubnetGroup', arn('subgrp', 'theirs')),
    );
    expect(await call('DeleteDBSubnetGroup', { DBSubnetGroupName: 'mine' })).toEqual({ answer: {} });
  });

  test('needs what a copy reads and what it makes, each in its own Region', async () => {
    const source = arn('snapshot', 'a', 'eu-west-2');
    const input = { SourceDBSnapshotIdentifier: source, TargetDBSnapshotIdentifier: 'b' };
    await allow({
      Action: 'rds:CopyDBSnapshot',
      Condition: { StringEquals: { 'aws:RequestedRegion': aws.region } },
    });
    expect(await call('CopyDBSnapshot', input)).toEqual(denied('CopyDBSnapshot', source));
    await allow({
      Action: 'rds:CopyDBSnapshot',
      Condition: { StringEquals: { 'aws:RequestedRegion': [aws.region, 'eu-west-2'] } },
    });
    expect(await call('CopyDBSnapshot', input)).toHaveProperty('error.name', 'DBSnapshotNotFoundFault');
  });

  test('meets an explicit deny, which names its policy', async () => {
    await allow({ Action: '*' }, { Effect: 'Deny', Action: 'rds:Delete*' });
    expect(await call('DeleteDBSnapshot', { DBSnapshotIdentifier: 's' })).toHaveProperty(
      'error.message',
      expect.stringMatching(
        /on resource: arn:.*:snapshot:s with an explicit deny in an identity-based policy: inline$/,
      ),
    );
  });

  test('is neither allowed nor refused by what cannot be decided: that is an error', async () => {
    await allow(
      { Action: '*' },
      {
        Effect: 'Deny',
        Action: 'rds:*',
        Condition: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' } },
      },
    );
    expect(await call('DescribeDBInstances')).toMatchObject({
      error: {
        name: 'InternalFailure',
        message: expect.stringContaining('the condition operator DateGreaterThan'),
      },
    });
    await allow({ Action: '*' });
    const limited = { RoleName: role, PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
    await admin.send(new iam.PutRolePermissionsBoundaryCommand(limited));
    expect(await call('DescribeDBInstances')).toMatchObject({
      error: { name: 'InternalFailure', message: expect.stringContaining('a permissions boundary') },
    });
    await admin.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: role }));
    expect(await call('DescribeDBInstances')).toHaveProperty('answer');
  });
});

describe('a user', () => {
  test('may do what its own policies and those of its groups allow', async () => {
    const client = new sdk.RDSClient(await nobody(aws));
    const describeAll = () => client.send(new sdk.DescribeDBInstancesCommand({}));
    await expect(describeAll()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`User: arn:aws:iam::${aws.accountId}:user/nobody is not authorized`),
    });
    await admin.send(new iam.CreateGroupCommand({ GroupName: 'readers' }));
    const Statement = { Effect: 'Allow', Action: 'rds:Describe*', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await admin.send(
      new iam.PutGroupPolicyCommand({ GroupName: 'readers', PolicyName: 'read', PolicyDocument }),
    );
    await admin.send(new iam.AddUserToGroupCommand({ GroupName: 'readers', UserName: 'nobody' }));
    await expect(describeAll()).resolves.toMatchObject({ DBInstances: [] });
    client.destroy();
  });

  test('whose key nobody has is not known', async () => {
    const client = new sdk.RDSClient({
      ...owner,
      credentials: { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'any' },
    });
    await expect(client.send(new sdk.DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    client.destroy();
  });
});

test('an instance of the account is a database; its key is one of KMS, and a disabled key stops its restore', async () => {
  const kms = new KMSClient(owner);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const key = { KeyId: KeyMetadata?.KeyId ?? '' };
  const id = { DBInstanceIdentifier: 'shop' };
  const created = (KmsKeyId: string) =>
    rds.send(
      new sdk.CreateDBInstanceCommand({
        ...id,
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: 20,
        BackupRetentionPeriod: 0,
        MasterUsername: 'app',
        MasterUserPassword: 'only-for-this-test',
        StorageEncrypted: true,
        KmsKeyId,
      }),
    );
  await expect(created('00000000-0000-0000-0000-000000000000')).rejects.toMatchObject({
    name: 'KMSKeyNotAccessibleFault',
  });
  expect((await created(key.KeyId)).DBInstance?.KmsKeyId).toBe(KeyMetadata?.Arn);
  const waiter = { client: rds, ...often };
  await sdk.waitUntilDBInstanceAvailable(waiter, id);
  const snapshot = { DBSnapshotIdentifier: 'before' };
  await rds.send(new sdk.CreateDBSnapshotCommand({ ...id, ...snapshot }));
  await sdk.waitUntilDBSnapshotAvailable(waiter, snapshot);
  const restored = () =>
    rds.send(new sdk.RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'again', ...snapshot }));
  await kms.send(new DisableKeyCommand(key));
  await expect(restored()).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
  await kms.send(new EnableKeyCommand(key));
  await expect(restored()).resolves.toHaveProperty('DBInstance.DBInstanceStatus', 'creating');
  kms.destroy();

  // The process that started it has the controls.
  await aws.rds.rehearse('take-region-down', { region: aws.region });
  const alone = new sdk.RDSClient({ ...owner, maxAttempts: 1 });
  await expect(alone.send(new sdk.DescribeDBInstancesCommand(id))).rejects.toThrow();
  await aws.rds.rehearse('bring-region-up', { region: aws.region });
  await sdk.waitUntilDBInstanceAvailable(waiter, id);
  alone.destroy();
  expect(await aws.rds.ca()).toMatch(/^-----BEGIN CERTIFICATE-----/);
});

test('a master password that RDS manages is a secret of the account, as long as its instance is there', async () => {
  const managed = { DBInstanceIdentifier: 'managed' };
  const secrets = new SecretsManagerClient(owner);
  await rds.send(
    new sdk.CreateDBInstanceCommand({
      ...managed,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 0,
      MasterUsername: 'app',
      ManageMasterUserPassword: true,
    }),
  );
  await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, managed);
  const { DBInstances = [] } = await rds.send(new sdk.DescribeDBInstancesCommand(managed));
  const [{ Endpoint, MasterUserSecret } = {}] = DBInstances;
  const SecretId = MasterUserSecret?.SecretArn ?? '';
  expect(SecretId).toContain(':secret:rds!db-');
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { username, password } = JSON.parse(SecretString) as { username: string; password: string };
  const database = new pg.Client({
    host: Endpoint?.Address ?? '',
    port: Endpoint?.Port ?? 0,
    user: username,
    password,
    database: 'postgres',
    ssl: { ca: await aws.rds.ca() },
  });
  await database.connect();
  expect((await database.query('SELECT current_user AS name')).rows).toEqual([{ name: 'app' }]);
  await database.end();
  await rds.send(new sdk.DeleteDBInstanceCommand({ ...managed, SkipFinalSnapshot: true }));
  await sdk.waitUntilDBInstanceDeleted({ client: rds, ...often }, managed);
  await expect(secrets.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: expect.stringMatching(/ResourceNotFoundException|InvalidRequestException/),
  });
  secrets.destroy();
});

test('the gateway records its calls under the names of IAM', () => {
  const calls = aws.gateway.calls().filter(({ service }) => service === 'rds');
  expect(calls).toContainEqual(expect.objectContaining({ action: 'rds:DescribeDBSnapshots', status: 200 }));
  expect(calls).toContainEqual(expect.objectContaining({ action: 'rds:DescribeDBSnapshots', status: 403 }));
});
