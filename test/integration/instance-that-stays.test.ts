import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-rds';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scratchInstanceName } from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { callerAs } from './support/call-as-role.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { rdsAccount } from './support/rds-account.ts';
import { restoredOn } from './support/restored.ts';
import { root } from './targets/account.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/*
 * Restores of RDS snapshots and moments that stay, as they are deployed: on a local RDS with real data, into instances that are
 * handed over.
 */

const region = 'eu-central-1';
const place = (backup: string, more: object = {}) => ({
  from: { database: 'main', backup },
  into: {
    instance: {
      securityGroups: ['sg-0a1b2c3d4e5f60001'],
      certificateAuthority: 'shop/rds-ca',
      expires: '6h',
      ...more,
    },
  },
  scenario: 'default',
  freshness: '15m',
  checks: [{ name: 'orders came back', sql: 'SELECT count(*) FROM orders', expect: { atLeast: 3 } }],
});
const plan = {
  ...planOf(),
  workload: 'mailblast',
  objectives: { rpo: '1h', rto: '30m', scenarios: { default: { rpo: '1h', rto: '30m' } } },
  vault: { lock: 'governance' },
  functions: {},
  databases: {
    main: {
      postgres: { secret: 'shop/database', certificateAuthority: 'shop/ca' },
      rds: { instance: 'shop' },
      heartbeat: { every: '10m' }, // the test writes its own: one of a schedule would come between them
      backups: {
        hourly: { rdsSnapshot: {}, schedule: 'on-demand', retention: '2d' },
        moments: { pointInTime: {}, schedule: 'on-demand', retention: '1d' },
      },
    },
  },
  restoreTests: {},
  restores: {
    snapshot: place('hourly', { multiAz: true, class: 'db.t4g.small' }),
    strict: {
      ...place('hourly'),
      checks: [{ name: 'four orders', sql: 'SELECT count(*) FROM orders', expect: { equals: 4 } }],
    },
    moment: {
      ...place('moments', { backupRetention: '3d' }),
      afterRestore: ['UPDATE public.jobs SET active = false'],
    },
  },
};

let folder: string;
let stack: Deployed;
let account: ReturnType<typeof rdsAccount>;
let on: ReturnType<typeof restoredOn>;
let point: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'instance-that-stays-'));
  const file = path.join(folder, 'plan.yml');
  await writeFile(file, JSON.stringify(plan)); // JSON is YAML
  stack = await deploy({ plan: file, waitScale: 0.01 });
  on = restoredOn(stack);
  account = rdsAccount(stack, region);
  const { secrets } = account;
  const ca = await stack.aws.rds.ca();
  await secrets.send(new CreateSecretCommand({ Name: 'shop/rds-ca', SecretString: ca }));
  await account.create('shop', { BackupRetentionPeriod: 1, EnableIAMDatabaseAuthentication: true });
  for (const [SecretId, SecretString] of [
    ['shop/ca', ca],
    ['shop/database', JSON.stringify(await account.loginTo('shop'))],
  ] as const)
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  await account.query(
    await account.loginTo('shop'),
    'CREATE TABLE orders (id int PRIMARY KEY, item text)',
    'CREATE TABLE jobs (id int PRIMARY KEY, active boolean)',
    "INSERT INTO orders VALUES (1, 'lamp'), (2, 'chair'), (3, 'desk')",
    'INSERT INTO jobs VALUES (1, true)',
    "CREATE ROLE reporting LOGIN PASSWORD 'as-in-the-source'",
    'GRANT SELECT ON orders TO reporting',
    "ALTER DATABASE app SET statement_timeout = '77s'",
  );
  await beat();
  const { runId, cause } = await stack.run('backup', { database: 'main', backup: 'hourly' });
  expect(cause).toBeUndefined();
  point = (await stack.evidence('backup', runId)).recoveryPoint ?? '';
});
afterAll(async () => {
  account?.close();
  await stack?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

const beat = async () =>
  (await stack.invoke<{ beatAt: string }>('write-heartbeat', { database: 'main' })).beatAt;

const restore = (place: string, into: string, input: object = {}) =>
  stack.run('restore', { restore: place, into, choose: point, ...input });

async function loginIn(SecretId = '') {
  const { SecretString = '{}' } = await account.secrets.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

/** How often an instance was made of a recovery point, by the name that it had then. */
async function made(runId: string): Promise<number> {
  const { Events = [] } = await account.rds.send(
    new sdk.DescribeEventsCommand({
      SourceIdentifier: scratchInstanceName(stack.aws.stack.name, runId),
      SourceType: 'db-instance',
      Duration: 60,
    }),
  );
  return Events.filter(({ Message }) => Message?.startsWith('Restored from')).length;
}

const tagsOf = (instance: sdk.DBInstance | undefined) => (instance?.TagList ?? []).map(({ Key }) => Key);

describe('a restore that stays, of a snapshot', () => {
  test('gives an instance under its name, verified, protected, with a new password, and everything of its source', async () => {
    const { runId, status, cause } = await restore('snapshot', 'shop-again');
    expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
    const evidence = await stack.evidence('restore', runId);
    expect(evidence).toMatchObject({
      outcome: 'restored',
      recoveryPoint: point,
      leftBehind: null,
      steps: {
        restore: { complete: true, differences: [] },
        read: { complete: true, damaged: [], unread: [] },
        validate: { verdict: 'verified' },
        handOver: { complete: true, instance: 'shop-again', login: 'app' },
      },
    });
    expect(evidence.steps).not.toHaveProperty('tearDown');
    const { objectives } = evidence;
    expect(objectives?.available?.seconds).toBeGreaterThan(0);
    expect(objectives?.rto.seconds).toBeGreaterThan(objectives?.available?.seconds ?? Infinity);
    expect(objectives?.rpo.seconds).toBeGreaterThan(0);

    const instance = await account.describe('shop-again');
    expect(instance).toMatchObject({
      DBInstanceStatus: 'available',
      DeletionProtection: true,
      MultiAZ: true,
      BackupRetentionPeriod: 1,
      DBInstanceClass: 'db.t4g.small',
      IAMDatabaseAuthenticationEnabled: true,
      PubliclyAccessible: false,
      CopyTagsToSnapshot: true,
      AutoMinorVersionUpgrade: true,
      StorageEncrypted: true,
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0a1b2c3d4e5f60001' }],
    });
    expect(instance?.MasterUserSecret).toBeUndefined();
    expect(tagsOf(instance)).toContain('lifeboat:restored');
    expect(tagsOf(instance)).not.toContain('lifeboat:scratch');
    expect(tagsOf(instance)).not.toContain('lifeboat:expires-at');

    const login = await loginIn(evidence.steps.handOver?.secret);
    expect(login).toMatchObject({ engine: 'postgres', username: 'app', dbname: 'app' });
    const count = 'SELECT count(*)::int AS n FROM orders';
    expect(await account.query(login, count)).toEqual([{ n: 3 }]);
    const { password } = await account.loginTo('shop');
    await expect(account.query({ ...login, password }, count)).rejects.toThrow('password authentication');
    // Roles, grants and settings are in the storage.
    const reporting = { ...login, username: 'reporting', password: 'as-in-the-source' };
    expect(await account.query(reporting, count)).toEqual([{ n: 3 }]);
    expect(await account.query(login, 'SHOW statement_timeout')).toEqual([{ statement_timeout: '77s' }]);
    expect(await account.standing()).toEqual(['shop', 'shop-again']);
  });

  test('is refused where the name is taken, cannot be one, or only a part is wanted, and nothing is made', async () => {
    const { LatestRestorableTime: _, ...before } = (await account.describe('shop')) ?? {};
    for (const [into, input, error] of [
      ['shop', {}, 'NameTaken'],
      ['shop-again', {}, 'NameTaken'],
      ['Shop-Again', {}, 'NameUnusable'],
      ['shop--again', {}, 'NameUnusable'],
      ['lifeboat-scratch-mine', {}, 'NameUnusable'],
      ['part', { only: ['public.orders'] }, 'PartUnknown'],
    ] as const) {
      const refused = await restore('snapshot', into, input);
      expect(refused, into).toMatchObject({ status: 'FAILED', error: 'RestoreRefused' });
      expect((await stack.evidence('restore', refused.runId)).failure).toMatchObject({ error });
      expect(await made(refused.runId)).toBe(0);
    }
    expect(await account.describe('shop')).toMatchObject(before);
    expect(await account.standing()).toEqual(['shop', 'shop-again']);
  });

  test('of which a check fails is not handed over: its instance stays to look at, and is swept past its expiry', async () => {
    const { runId, error } = await restore('strict', 'never');
    expect(error).toBe('CopyRejected');
    const scratch = scratchInstanceName(stack.aws.stack.name, runId);
    const copy = await account.describe(scratch);
    expect(copy).toMatchObject({ DeletionProtection: false });
    expect(await account.describe('never')).toBeUndefined();
    expect(await stack.invoke('sweep-instances', {})).toMatchObject({ kept: [scratch] });
    await account.rds.send(
      new sdk.AddTagsToResourceCommand({
        ResourceName: copy?.DBInstanceArn,
        Tags: [{ Key: 'lifeboat:expires-at', Value: new Date(0).toISOString() }],
      }),
    );
    expect(await stack.invoke('sweep-instances', {})).toMatchObject({ dropped: [scratch] });
    await vi.waitUntil(async () => !(await account.describe(scratch)), { timeout: 30_000, interval: 200 });
    expect(await account.standing()).toEqual(['shop', 'shop-again']);
  });

  test.each([
    'Restore the instance',
    'Validate the instance',
    'Hand the instance over',
    'Wait for the hand-over',
  ])('killed in "%s" and started again under its run id is handed over once', async (state) => {
    const into = `killed-${state.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
    const { executionArn, runId } = await stack.start('restore', {
      restore: 'snapshot',
      into,
      choose: point,
    });
    await on.entered(executionArn, state);
    await on.stop(executionArn);
    const again = await restore('snapshot', into, { runId });
    expect(again).toMatchObject({ status: 'SUCCEEDED' });
    const evidence = await stack.evidence('restore', runId);
    expect(evidence).toMatchObject({ outcome: 'restored', recoveryPoint: point, leftBehind: null });
    expect(await made(runId)).toBe(1);
    expect(await account.describe(into)).toMatchObject({ DeletionProtection: true });
    const login = await loginIn(evidence.steps.handOver?.secret);
    expect(await account.query(login, 'SELECT FROM orders')).toHaveLength(3);
    await account.remove(into);
    expect(await account.standing()).toEqual(['shop', 'shop-again']);
  });

  test('goes on where the secret could not be written, with the password that the secret holds in the end', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 'secretsmanager:CreateSecret', path: '' },
      fault: { status: 500, code: 'InternalServiceError', message: 'try again' },
      times: 4,
    });
    const { runId, status } = await restore('snapshot', 'no-secret-at-first');
    lift();
    expect(status).toBe('SUCCEEDED');
    const login = await loginIn((await stack.evidence('restore', runId)).steps.handOver?.secret);
    expect(await account.query(login, 'SELECT FROM orders')).toHaveLength(3);
    await account.remove('no-secret-at-first');
  });

  test('waits for a quota, and for RDS to stop throttling', async () => {
    await stack.aws.rds.rehearse('throttle', { refusals: 2 });
    const fault = { status: 400, code: 'InstanceQuotaExceeded', message: 'no room' };
    stack.aws.gateway.disturb({ match: { action: 'rds:RestoreDBInstanceFromDBSnapshot' }, fault, times: 2 });
    const { runId, status } = await restore('snapshot', 'late');
    await stack.aws.rds.rehearse('throttle', { refusals: 0 });
    expect(status).toBe('SUCCEEDED');
    expect(await made(runId)).toBe(1);
    await account.remove('late');
  });
});

describe('the roles of a restore that stays', () => {
  const as = (role: string) =>
    callerAs(
      root(stack.aws),
      `as-${role}`,
      `arn:aws:iam::${stack.aws.accountId}:role/${stack.aws.stack.physicalIds.get(role)}`,
    );
  const denied = { error: { name: 'AccessDenied' } };

  test('can change and delete neither the source nor an instance that was handed over', async () => {
    for (const role of [
      'RestoreInstanceRole',
      'HandOverInstanceRole',
      'DeleteInstanceRole',
      'SweepInstancesRole',
    ]) {
      const call = await as(role);
      for (const DBInstanceIdentifier of ['shop', 'shop-again']) {
        const ResourceName = (await account.describe(DBInstanceIdentifier))?.DBInstanceArn;
        const Tags = [{ Key: 'lifeboat:scratch', Value: stack.aws.stack.name }];
        for (const [action, input] of [
          ['ModifyDBInstance', { DBInstanceIdentifier, DeletionProtection: false }],
          ['ModifyDBInstance', { DBInstanceIdentifier, NewDBInstanceIdentifier: 'stolen' }],
          ['ModifyDBInstance', { DBInstanceIdentifier, MasterUserPassword: 'stolen-password' }],
          ['DeleteDBInstance', { DBInstanceIdentifier, SkipFinalSnapshot: true }],
          ['AddTagsToResource', { ResourceName, Tags }],
        ] as const)
          expect(await call(action, input), `${role} ${action} ${DBInstanceIdentifier}`).toMatchObject(
            denied,
          );
      }
    }
  });
});

describe('a restore that stays, of a moment', () => {
  test('stops at the second before a mistake, and has the jobs off', async () => {
    await beat();
    await sleep(6_500);
    const moment = new Date(Math.floor(Date.now() / 1_000) * 1_000);
    await sleep(6_500);
    await account.query(await account.loginTo('shop'), "INSERT INTO orders VALUES (4, 'mistake')");
    const after = await beat();
    await vi.waitUntil(
      async () =>
        ((await account.describe('shop'))?.LatestRestorableTime?.getTime() ?? 0) > Date.parse(after),
      { timeout: 60_000, interval: 500 },
    );
    const choose = moment.toISOString().replace(/[-:]|\.\d+/g, '');
    const { runId, status, cause } = await restore('moment', 'before-the-mistake', { choose });
    expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
    const evidence = await stack.evidence('restore', runId);
    expect(evidence).toMatchObject({ outcome: 'restored', recoveryPoint: choose });
    expect(evidence.checks.find(({ kind }) => kind === 'stop')).toMatchObject({ outcome: 'passed' });
    const login = await loginIn(evidence.steps.handOver?.secret);
    expect(await account.query(login, 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 3 }]);
    expect(await account.query(login, 'SELECT active FROM jobs')).toEqual([{ active: false }]);
    expect(await account.describe('before-the-mistake')).toMatchObject({
      BackupRetentionPeriod: 3,
      MultiAZ: false,
    });
  });
});
