import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-rds';
import {
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SCRATCH_TAG } from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { often } from './support/often.ts';
import { root } from './targets/account.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

/*
 * What RDS copied to the standby Region, restored there as deployed, while the primary Region does not respond: neither its API nor its
 * instances.
 */

const PRIMARY = 'us-east-1';
const STANDBY = 'us-west-2';
const alias = 'alias/copies';
const password = 'only-for-this-test';

const groups = { securityGroups: ['sg-0a1b2c3d4e5f60001'] };
const testOf = (backup: string) => ({
  from: { database: 'main', backup, choose: 'newest' },
  into: {
    scratchInstance: { ...groups, standby: groups, expires: '6h' },
  },
  schedule: 'on-demand',
  scenario: 'default',
  freshness: '15m',
  checks: [{ name: 'orders', sql: 'SELECT count(*) FROM orders', expect: { equals: 3 } }],
});
const copied = { copyToStandby: { key: alias } };
const kept = { schedule: 'on-demand', retention: '2d' };
const plan = {
  ...planOf(),
  workload: 'mailblast',
  regions: { primary: PRIMARY, standby: STANDBY },
  objectives: { rpo: '1h', rto: '30m', scenarios: { default: { rpo: '1h', rto: '30m' } } },
  vault: { lock: 'governance' },
  functions: {},
  databases: {
    main: {
      postgres: { secret: 'shop/database', certificateAuthority: 'shop/ca' },
      rds: { instance: 'shop', replica: 'shop-dr' },
      heartbeat: { every: '1m' },
      backups: {
        hourly: { rdsSnapshot: copied, ...kept },
        moments: { pointInTime: copied, ...kept },
        local: { rdsSnapshot: {}, ...kept },
      },
    },
  },
  restoreTests: { snapshot: testOf('hourly'), moment: testOf('moments'), uncopied: testOf('local') },
};

let folder: string;
let file: string;
let stack: Deployed;
const clients: { destroy(): void }[] = [];
let rds: sdk.RDSClient;
let far: sdk.RDSClient;
let farSecrets: SecretsManagerClient;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'standby-instances-'));
  file = path.join(folder, 'mailblast.yml');
  await writeFile(file, JSON.stringify(plan)); // JSON is YAML
  stack = await deploy({ plan: file, waitScale: 0.01, standby: true });
  const owner = root(stack.aws);
  rds = new sdk.RDSClient({ ...owner, region: PRIMARY });
  far = new sdk.RDSClient({ ...owner, region: STANDBY });
  const kms = new KMSClient({ ...owner, region: STANDBY });
  const secrets = new SecretsManagerClient({ ...owner, region: PRIMARY });
  farSecrets = new SecretsManagerClient({ ...owner, region: STANDBY });
  clients.push(rds, far, kms, secrets, farSecrets);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  await createInstance();
  const access = await accessOf();
  for (const client of [secrets, farSecrets]) {
    await client.send(
      new PutSecretValueCommand({ SecretId: 'shop/ca', SecretString: access.certificateAuthority }),
    );
    await client.send(
      new PutSecretValueCommand({ SecretId: 'shop/database', SecretString: JSON.stringify(access) }),
    );
  }
  await sql(
    'CREATE TABLE orders (id int PRIMARY KEY, item text)',
    "INSERT INTO orders VALUES (1, 'lamp'), (2, 'chair'), (3, 'desk')",
  );
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await stack?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createInstance(): Promise<void> {
  await rds.send(
    new sdk.CreateDBInstanceCommand({
      DBInstanceIdentifier: 'shop',
      DBName: 'app',
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 2,
      MasterUsername: 'app',
      MasterUserPassword: password,
      StorageEncrypted: true,
    }),
  );
  await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, { DBInstanceIdentifier: 'shop' });
}

async function accessOf() {
  const { DBInstances } = await rds.send(
    new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: 'shop' }),
  );
  const { Address: host = '', Port: port = 0 } = DBInstances?.[0]?.Endpoint ?? {};
  const certificateAuthority = await stack.aws.rds.ca();
  return { host, port, username: 'app', password, dbname: 'app', certificateAuthority };
}

async function sql(...statements: string[]): Promise<void> {
  const { certificateAuthority: ca, username: user, dbname, ...at } = await accessOf();
  const client = new pg.Client({ ...at, user, database: dbname, ssl: { ca } });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const backUp = async (backup: string) => {
  const { status, cause } = await stack.run('backup', { database: 'main', backup });
  expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
};

const beat = async () =>
  (await stack.invoke<{ beatAt: string }>('write-heartbeat', { database: 'main' })).beatAt;

/** The latest moment that the standby Region can restore. */
async function copiedTo(): Promise<number> {
  const { DBInstanceAutomatedBackups = [] } = await far.send(
    new sdk.DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: 'shop' }),
  );
  return DBInstanceAutomatedBackups[0]?.RestoreWindow?.LatestTime?.getTime() ?? 0;
}

/** Runs a command as a person does who has nothing but the plan and the account. */
const inStandby = (...args: string[]) => lifeboat(...args, '--region', 'standby');

async function lifeboat(...args: string[]) {
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...environment } = stack.aws.environment;
  const all = ['cli/lifeboat.js', ...args, file, '--stage', 'local', '--json'];
  const ended = await promisify(execFile)(process.execPath, all, {
    env: { PATH: process.env.PATH, ...environment },
    maxBuffer: 1e8,
  }).catch((error) => error as { stdout: string; code: number });
  return { code: 'code' in ended ? ended.code : 0, document: JSON.parse(ended.stdout) };
}

/** Instances in the standby Region, and secrets that RDS made there: nothing may be left. */
async function left(): Promise<string[]> {
  const { DBInstances = [] } = await far.send(new sdk.DescribeDBInstancesCommand({}));
  const { SecretList = [] } = await farSecrets.send(new ListSecretsCommand({}));
  return [
    ...DBInstances.map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier).filter(
      (name) => name !== 'shop-dr',
    ),
    ...SecretList.map(({ Name = '' }) => Name).filter((name) => name.startsWith('rds!')),
  ];
}

const replicaIn = async (ask: typeof lifeboat) => {
  const { document } = await ask('status');
  expect(mistakesIn('status', document)).toEqual([]);
  return document.replicas[0];
};

/** Asks until the replica is seen like this: nothing tells when it has caught up. */
const seen = (like: object) =>
  vi.waitFor(async () => expect(await replicaIn(lifeboat)).toMatchObject(like), {
    timeout: 60_000,
    interval: 500,
  });

async function scratchInPrimary(): Promise<sdk.DBInstance[]> {
  const { DBInstances = [] } = await rds.send(new sdk.DescribeDBInstancesCommand({}));
  return DBInstances.filter(({ DBInstanceIdentifier }) => DBInstanceIdentifier !== 'shop');
}

describe('a read replica in the standby Region', () => {
  test('that is missing is a problem, and no lag of zero', async () => {
    expect(await replicaIn(lifeboat)).toMatchObject({
      replica: 'shop-dr',
      region: STANDBY,
      lossSeconds: null,
      met: false,
      problem: 'there is no instance "shop-dr"',
    });
  });

  test('is measured there, by the function in that Region', async () => {
    await far.send(
      new sdk.CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'shop-dr',
        SourceDBInstanceIdentifier: `arn:aws:rds:${PRIMARY}:${stack.aws.accountId}:db:shop`,
        KmsKeyId: alias,
      }),
    );
    await sdk.waitUntilDBInstanceAvailable({ client: far, ...often }, { DBInstanceIdentifier: 'shop-dr' });
    await beat();
    await seen({ met: true, problem: null, targetSeconds: 3600 });
    const { lossSeconds } = await replicaIn(lifeboat);
    expect(lossSeconds).toBeLessThan(60);
  });

  test('that is cut off is said to be, and is behind from then on', async () => {
    await stack.aws.rds.rehearse('stop-streaming', { instance: 'shop-dr' });
    await seen({ problem: 'it receives nothing from its source' });
    const { completeTo } = await replicaIn(lifeboat);
    await beat();
    expect(await replicaIn(inStandby)).toMatchObject({ completeTo });
    await stack.aws.rds.rehearse('resume-streaming', { instance: 'shop-dr' });
    await seen({ problem: null });
  });
});

describe('with the primary Region gone, API and instances', () => {
  let between: { before: string; after: string };
  let bringBack: () => void;
  /** A restore test of the primary Region, which loses its Region while RDS makes its instance. */
  let cutOff: { executionArn: string };
  beforeAll(async () => {
    // It starts the replication, which a moment in the standby Region needs.
    await vi.waitFor(() => backUp('moments'), { timeout: 60_000, interval: 1_000 });
    const before = await beat();
    await backUp('hourly');
    await backUp('local');
    await sleep(11_000);
    between = { before, after: await beat() };
    await sql("INSERT INTO orders VALUES (4, 'later')");
    await vi.waitUntil(async () => (await copiedTo()) > Date.parse(between.after), {
      timeout: 90_000,
      interval: 500,
    });
    cutOff = await stack.start('restore-test', { restoreTest: 'snapshot' });
    await vi.waitUntil(async () => (await scratchInPrimary()).length > 0, { timeout: 60_000, interval: 50 });
    bringBack = stack.aws.gateway.takeDown(PRIMARY);
    await stack.aws.rds.rehearse('take-region-down', { region: PRIMARY });
    stack.aws.gateway.forget();
  });

  test('the copy of a snapshot is restored into an instance of the standby, validated and deleted', async () => {
    const { code, document } = await inStandby('restore-test', '--test', 'snapshot');
    expect(document).toMatchObject({
      evidence: {
        outcome: 'verified',
        steps: {
          // In another Region the groups are others, and the key is that of the copy.
          restore: { complete: true, differences: [] },
          read: { complete: true, damaged: [], unread: [] },
          tearDown: { complete: true, dropped: true },
        },
      },
    });
    expect(code).toBe(0);
    expect(await left()).toEqual([]);
  });

  test('a moment is restored of the copied automated backups, and the copy stops exactly there', async () => {
    const { code, document } = await inStandby('restore-test', '--test', 'moment');
    expect(document).toMatchObject({ evidence: { outcome: 'verified' } });
    // A heartbeat of the schedule may come between those of the test.
    const { choose, validate } = document.evidence.steps;
    expect(choose.between.after).toBe(between.after);
    expect(choose.between.before >= between.before).toBe(true);
    expect(validate.recoveredTo).toBe(choose.between.before);
    expect(code).toBe(0);
    expect(await left()).toEqual([]);
  });

  test('what was not copied is refused by name before anything is made', async () => {
    const { code, document } = await inStandby('restore-test', '--test', 'uncopied');
    expect(JSON.stringify(document)).toContain(
      'backup \\"local\\" of \\"main\\" is not copied to us-west-2: nothing of it can be restored there',
    );
    expect(code).not.toBe(0);
    expect(await left()).toEqual([]);
  });

  test('the replica tells what its promotion would lose', async () => {
    const { lossSeconds, problem } = await replicaIn(inStandby);
    expect(lossSeconds).toBeGreaterThan(0);
    expect(problem).toBe('it receives nothing from its source');
  });

  test('no call of these went to the lost Region', () => {
    // The schedules of the primary stack go on in this emulator, and are cut off: they are no calls of the standby.
    const roles = new Set(stack.aws.standby?.stack.physicalIds.values());
    const calls = stack.aws.gateway
      .calls()
      .filter(({ caller }) => caller === undefined || roles.has(caller.roleName));
    const callers = new Set(calls.map(({ caller }) => caller?.functionName.replace(/^.*-local-/, '')));
    expect([...callers]).toEqual(
      expect.arrayContaining([
        'choose-recovery-point',
        'restore-instance',
        'delete-instance',
        'measure-replica',
      ]),
    );
    expect(calls.filter(({ region }) => region !== STANDBY)).toEqual([]);
  });

  test('the Region that returns has nothing unknown left of the run that it cut off, and works', async () => {
    bringBack();
    await stack.aws.rds.rehearse('bring-region-up', { region: PRIMARY });
    const { status } = await stack.ended(cutOff.executionArn);
    expect(['SUCCEEDED', 'FAILED']).toContain(status);
    await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, { DBInstanceIdentifier: 'shop' });
    // What the run could not delete is marked, so that the sweeper does.
    for (const { TagList = [] } of await scratchInPrimary())
      expect(TagList).toContainEqual({ Key: SCRATCH_TAG, Value: stack.aws.stack.name });
    const { output } = await stack.run('restore-test', { restoreTest: 'snapshot' });
    expect(output).toMatchObject({ outcome: 'verified' });
  });
});
