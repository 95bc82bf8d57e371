import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-rds';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { heartbeats } from '../../shared/database/postgres/heartbeat.ts';
import {
  scratchInstanceName,
  scratchInstanceTags,
} from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { callerAs } from './support/call-as-role.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { rdsAccount } from './support/rds-account.ts';
import { root } from './targets/account.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/*
 * Restore tests of RDS snapshots and moments as they are deployed: a local RDS with real data, restored into scratch instances that
 * the machine deletes. Each fault is one that RDS or a disk has.
 */

const region = 'eu-central-1';
const testOf = (database: string, backup: string, more: object = {}) => ({
  from: { database, backup, choose: 'newest' },
  into: {
    scratchInstance: {
      securityGroups: ['sg-0a1b2c3d4e5f60001'],
      certificateAuthority: 'shop/rds-ca',
      expires: '6h',
      ...more,
    },
  },
  schedule: 'on-demand',
  scenario: 'default',
  freshness: '15m',
  checks: [],
});
const snapshots = { hourly: { rdsSnapshot: {}, schedule: 'on-demand', retention: '2d' } };
const database = (instance: string) => ({
  postgres: { secret: `${instance}/database`, certificateAuthority: `${instance}/ca` },
  rds: { instance },
  heartbeat: { every: '10m' }, // the tests write their own: one of a schedule would come between them
  backups: snapshots,
});
const plan = {
  ...planOf(),
  workload: 'mailblast',
  objectives: { rpo: '1h', rto: '30m', scenarios: { default: { rpo: '1h', rto: '30m' } } },
  vault: { lock: 'governance' },
  functions: {},
  databases: {
    main: {
      ...database('shop'),
      backups: {
        ...snapshots,
        moments: { pointInTime: {}, schedule: 'on-demand', retention: '1d' },
        full: { logical: {}, schedule: 'on-demand', retention: '1d' },
      },
    },
    rotten: database('rotten'),
    empty: database('empty'),
  },
  restoreTests: {
    nightly: {
      ...testOf('main', 'hourly', { class: 'db.t4g.small' }),
      checks: [{ name: 'orders came back', sql: 'SELECT count(*) FROM orders', expect: { equals: 3 } }],
    },
    moment: {
      ...testOf('main', 'moments'),
      checks: [
        {
          name: 'no mistake',
          sql: "SELECT count(*) FROM orders WHERE item = 'mistake'",
          expect: { equals: 0 },
        },
      ],
    },
    logical: {
      ...testOf('main', 'full', { class: 'db.t4g.small', subnetGroup: 'default' }),
      checks: [{ name: 'orders came back', sql: 'SELECT count(*) FROM orders', expect: { equals: 3 } }],
    },
    rotten: testOf('rotten', 'hourly'),
    empty: testOf('empty', 'hourly'),
  },
};

let folder: string;
let stack: Deployed;
let account: ReturnType<typeof rdsAccount>;
let rds: sdk.RDSClient;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'snapshot-restore-'));
  const file = path.join(folder, 'plan.yml');
  await writeFile(file, JSON.stringify(plan)); // JSON is YAML
  stack = await deploy({ plan: file, waitScale: 0.01 });
  account = rdsAccount(stack, region);
  rds = account.rds;
  const { secrets } = account;
  await secrets.send(
    new CreateSecretCommand({ Name: 'shop/rds-ca', SecretString: await stack.aws.rds.ca() }),
  );
  await Promise.all(['shop', 'rotten', 'empty'].map(createInstance));
  for (const [Name, SecretString] of [
    ['shop/ca', await stack.aws.rds.ca()],
    ['shop/database', JSON.stringify(await accessOf('shop'))],
  ] as const)
    await secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString }));
  for (const instance of ['shop', 'rotten'])
    await sql(
      instance,
      'CREATE TABLE orders (id int PRIMARY KEY, item text)',
      'CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders)',
      "INSERT INTO orders VALUES (1, 'lamp'), (2, 'chair'), (3, 'desk')",
      'INSERT INTO lines VALUES (1, 1), (2, 1), (3, 3)',
    );
  await sql('rotten', 'CHECKPOINT').catch(() => {});
});
afterAll(async () => {
  account?.close();
  await stack?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createInstance(name: string): Promise<void> {
  await account.create(name, { BackupRetentionPeriod: name === 'shop' ? 1 : 0 });
}

async function accessOf(instance: string) {
  return { ...(await account.loginTo(instance)), certificateAuthority: await stack.aws.rds.ca() };
}

async function sql(instance: string, ...statements: string[]): Promise<void> {
  await account.query(await account.loginTo(instance), ...statements);
}

/** A snapshot now, with a heartbeat in it; returns the recovery point. */
async function snapshotOf(name: 'main' | 'rotten' | 'empty'): Promise<string> {
  const instance = plan.databases[name].rds.instance;
  if (name !== 'empty') await heartbeats.beat(await accessOf(instance), 'mailblast', new Date());
  const { status, runId, cause } = await stack.run('backup', { database: name, backup: 'hourly' });
  expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
  return (await stack.evidence('backup', runId)).recoveryPoint ?? '';
}

/** Instances that are not those of this file, and secrets that RDS made: nothing may be left. */
async function left(): Promise<string[]> {
  return (await account.standing()).filter((name) => !['shop', 'rotten', 'empty'].includes(name));
}

/** How often an instance of that name was made, also where it is gone. */
async function made(SourceIdentifier: string, as = 'Restored from'): Promise<number> {
  const { Events = [] } = await rds.send(
    new sdk.DescribeEventsCommand({ SourceIdentifier, SourceType: 'db-instance', Duration: 60 }),
  );
  return Events.filter(({ Message }) => Message?.startsWith(as)).length;
}

const restoreTest = (restoreTest: string, input: object = {}) =>
  stack.run('restore-test', { restoreTest, ...input });

describe('a restore test of a snapshot', () => {
  test('restores it into an instance, verifies it, reports both times, and deletes the instance', async () => {
    const point = await snapshotOf('main');
    const { runId, status, cause, output } = await restoreTest('nightly');
    expect({ status, cause, output }).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
    const evidence = await stack.evidence('restore-test', runId);
    expect(evidence.recoveryPoint).toBe(point);
    expect(evidence.steps).toMatchObject({
      restore: { complete: true, differences: [] },
      read: { complete: true, damaged: [], unread: [] },
      tearDown: { complete: true, dropped: true },
    });
    const { objectives } = evidence;
    expect(objectives?.available?.seconds).toBeGreaterThan(0);
    expect(objectives?.rto.seconds).toBeGreaterThanOrEqual(objectives?.available?.seconds ?? Infinity);
    const outcomes = evidence.checks.map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        'settings passed',
        'blocks passed',
        'tables passed',
        'constraints passed',
        'plan passed',
      ]),
    );
    expect(await left()).toEqual([]);
    const known = await stack.journal.recoveryPoints({ database: 'main', backup: 'hourly' }, 1);
    expect(known[0]).toMatchObject({ recoveryPoint: point, verified: { runId } });
  });
});

describe('the retention of snapshots', () => {
  const of = { database: 'main', backup: 'hourly' };
  const prune = async () => (await stack.invoke<{ deleted: string[] }>('prune-snapshots', of)).deleted;

  test('lets one go only when a newer one is verified, and never the newest verified one', async () => {
    const verified = (await stack.journal.recoveryPoints(of, 1))[0]?.recoveryPoint;
    await snapshotOf('main');
    const { DBSnapshots = [] } = await rds.send(
      new sdk.DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'shop', SnapshotType: 'manual' }),
    );
    expect(DBSnapshots).toHaveLength(2);
    const Tags = [{ Key: 'lifeboat:kept-until', Value: new Date(0).toISOString() }];
    for (const { DBSnapshotArn: ResourceName } of DBSnapshots)
      await rds.send(new sdk.AddTagsToResourceCommand({ ResourceName, Tags }));
    // Both are past their retention: one is the newest verified one, and the other is not verified.
    expect(await prune()).toEqual([]);
    expect(await restoreTest('nightly')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await prune()).toEqual([verified]);
    expect(await prune()).toEqual([]);
  });
});

describe('a scratch instance', () => {
  test('is one, though its creator was killed, RDS throttled every call and refused to delete it, and the run was started again', async () => {
    const { recoveryPoint = '' } =
      (await stack.journal.recoveryPoints({ database: 'main', backup: 'hourly' }, 1))[0] ?? {};
    const runId = 'killed-1';
    const runStartedAt = new Date().toISOString();
    // What it asked RDS for stands, and no machine knows of it.
    await stack.invoke('restore-instance', { runId, runStartedAt, restoreTest: 'nightly', recoveryPoint });
    await stack.aws.rds.rehearse('throttle', { refusals: 2 });
    const fault = { status: 400, code: 'InvalidDBInstanceState', message: 'not now' };
    stack.aws.gateway.disturb({ match: { action: 'rds:DeleteDBInstance' }, fault, times: 1 });
    const { status, cause } = await restoreTest('nightly', { runId });
    expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
    const evidence = await stack.evidence('restore-test', runId);
    expect(evidence).toMatchObject({ outcome: 'verified', steps: { tearDown: { complete: true } } });
    expect(await made(scratchInstanceName(stack.aws.stack.name, runId))).toBe(1);
    await stack.aws.rds.rehearse('throttle', { refusals: 0 });
    // A recorded run is not recorded again, and leaves nothing.
    expect(await restoreTest('nightly', { runId })).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining('RunAlreadyRecorded'),
    });
    expect(await stack.evidence('restore-test', runId)).toEqual(evidence);
    expect(await left()).toEqual([]);
  });

  test('is the only instance that the roles of a restore test may change or delete', async () => {
    const owner = root(stack.aws);
    const bare = 'lifeboat-scratch-of-nobody';
    await createInstance(bare);
    const deleting = (DBInstanceIdentifier: string): [string, object] => [
      'DeleteDBInstance',
      { DBInstanceIdentifier, SkipFinalSnapshot: true },
    ];
    const changing = (DBInstanceIdentifier: string): [string, object] => [
      'ModifyDBInstance',
      { DBInstanceIdentifier, DeletionProtection: false },
    ];
    for (const [role, ask] of [
      ['DeleteInstanceRole', deleting],
      ['SweepInstancesRole', deleting],
      ['RestoreInstanceRole', changing],
    ] as const) {
      const roleArn = `arn:aws:iam::${stack.aws.accountId}:role/${stack.aws.stack.physicalIds.get(role)}`;
      const call = await callerAs(owner, `as-${role}`, roleArn);
      // One has a name of its own, and the other has the name of a scratch instance without its tag.
      for (const name of ['shop', bare])
        expect(await call(...ask(name))).toMatchObject({
          error: { name: 'AccessDenied', message: expect.stringContaining(`:db:${name} `) },
        });
    }
    // With the tag it would be allowed: RDS alone refuses then, because the instance is protected.
    const tags = scratchInstanceTags(stack.aws.stack.name, {
      runId: 'nobody',
      workload: 'mailblast',
      expiresAt: new Date(),
    });
    const { DBInstances } = await rds.send(
      new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: bare }),
    );
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await rds.send(new sdk.AddTagsToResourceCommand({ ResourceName: DBInstances?.[0]?.DBInstanceArn, Tags }));
    const sweeper = `arn:aws:iam::${stack.aws.accountId}:role/${stack.aws.stack.physicalIds.get('SweepInstancesRole')}`;
    const call = await callerAs(owner, 'as-the-sweeper', sweeper);
    expect(await call(...deleting(bare))).toMatchObject({
      error: { name: expect.stringMatching(/^InvalidParameterCombination/) },
    });
    await rds.send(
      new sdk.ModifyDBInstanceCommand({
        DBInstanceIdentifier: bare,
        DeletionProtection: false,
        ApplyImmediately: true,
      }),
    );
    expect(await stack.invoke('sweep-instances', {})).toMatchObject({ dropped: [bare] });
    await vi.waitUntil(async () => (await left()).length === 0, { timeout: 30_000, interval: 200 });
  });
});

describe('a restore test of a logical backup in an instance of its own', () => {
  test('creates it empty, loads and verifies the backup, reports both times, and deletes the instance', async () => {
    await heartbeats.beat(await accessOf('shop'), 'mailblast', new Date());
    const backup = await stack.run('backup', { database: 'main', backup: 'full' });
    expect(backup).toMatchObject({ status: 'SUCCEEDED' });
    const point = (await stack.evidence('backup', backup.runId)).recoveryPoint ?? '';
    const runId = 'logical-1';
    // Its creator was killed after it asked RDS, and RDS refuses to delete it once.
    const runStartedAt = new Date().toISOString();
    const of = { runId, runStartedAt, restoreTest: 'logical', recoveryPoint: point };
    expect(await stack.invoke('restore-instance', of)).toMatchObject({ complete: false });
    const fault = { status: 400, code: 'InvalidDBInstanceState', message: 'not now' };
    stack.aws.gateway.disturb({ match: { action: 'rds:DeleteDBInstance' }, fault, times: 1 });
    const { status, cause, output } = await restoreTest('logical', { runId });
    expect({ status, cause, output }).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
    const evidence = await stack.evidence('restore-test', runId);
    expect(evidence).toMatchObject({
      recoveryPoint: point,
      steps: {
        restore: { complete: true, isEmpty: true, instance: { dbname: 'postgres' } },
        // With the heartbeat.
        load: { rows: 7 },
        tearDown: { complete: true, dropped: true },
      },
    });
    const outcomes = evidence.checks.map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(outcomes).toEqual(expect.arrayContaining(['tables passed', 'schema passed', 'plan passed']));
    const { objectives } = evidence;
    expect(objectives?.available?.seconds).toBeGreaterThan(0);
    expect(objectives?.rto.seconds).toBeGreaterThanOrEqual(objectives?.available?.seconds ?? Infinity);
    expect(await made(scratchInstanceName(stack.aws.stack.name, runId), 'DB instance created')).toBe(1);
    expect(await left()).toEqual([]);
    const known = await stack.journal.recoveryPoints({ database: 'main', backup: 'full' }, 1);
    expect(known[0]).toMatchObject({ recoveryPoint: point, verified: { runId } });
  });

  test('may be created with the prefix and the tag of the deployment alone, and in the groups of the plan', async () => {
    const role = `arn:aws:iam::${stack.aws.accountId}:role/${stack.aws.stack.physicalIds.get('RestoreInstanceRole')}`;
    const call = await callerAs(root(stack.aws), 'as-the-creator', role);
    const creating = (DBInstanceIdentifier: string, more: object = {}): [string, object] => [
      'CreateDBInstance',
      {
        DBInstanceIdentifier,
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: 20,
        MasterUsername: 'lifeboat',
        ManageMasterUserPassword: true,
        DBSubnetGroupName: 'default',
        Tags: [{ Key: 'lifeboat:scratch', Value: stack.aws.stack.name }],
        ...more,
      },
    ];
    for (const request of [
      creating('shop-2'),
      creating('lifeboat-scratch-untagged', { Tags: [] }),
      creating('lifeboat-scratch-of-others', {
        Tags: [{ Key: 'lifeboat:scratch', Value: 'lifeboat-other' }],
      }),
      creating('lifeboat-scratch-elsewhere', { DBSubnetGroupName: 'public' }),
    ])
      expect(await call(...request)).toMatchObject({ error: { name: 'AccessDenied' } });
    expect(await left()).toEqual([]);
  });
});

describe('a restore test of a moment', () => {
  const beat = async () =>
    (await stack.invoke<{ beatAt: string }>('write-heartbeat', { database: 'main' })).beatAt;
  const latestRestorable = async () => {
    const { DBInstances } = await rds.send(
      new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: 'shop' }),
    );
    return DBInstances?.[0]?.LatestRestorableTime?.getTime() ?? 0;
  };

  test('picks one between two heartbeats, and proves that the copy stops exactly there', async () => {
    const before = await beat();
    await sleep(11_000);
    await sql('shop', "INSERT INTO orders VALUES (4, 'mistake')");
    const after = await beat();
    await vi.waitUntil(async () => (await latestRestorable()) > Date.parse(after), {
      timeout: 60_000,
      interval: 500,
    });
    const { runId, status, cause, output } = await restoreTest('moment');
    expect({ status, cause, output }).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
    const evidence = await stack.evidence('restore-test', runId);
    expect(evidence.recoveryPoint).toMatch(/^\d{8}T\d{6}Z$/);
    const { snapshotAt = '' } = evidence.steps.choose as { snapshotAt?: string };
    expect(evidence.steps).toMatchObject({
      choose: { between: { before, after } },
      restore: { complete: true, differences: [] },
      read: { complete: true, damaged: [], unread: [] },
      validate: { recoveredTo: before },
      tearDown: { complete: true, dropped: true },
    });
    expect(snapshotAt > before && snapshotAt < after).toBe(true);
    const stop = evidence.checks.find(({ kind }) => kind === 'stop');
    expect(stop).toMatchObject({ outcome: 'passed', expected: expect.stringContaining(before) });
    const { objectives } = evidence;
    expect(objectives?.available?.seconds).toBeGreaterThan(0);
    expect(objectives?.rto.seconds).toBeGreaterThanOrEqual(objectives?.available?.seconds ?? Infinity);
    expect(await left()).toEqual([]);
    const known = await stack.journal.recoveryPoints({ database: 'main', backup: 'moments' }, 1);
    expect(known[0]).toMatchObject({ recoveryPoint: evidence.recoveryPoint, verified: { runId } });
  });
});
