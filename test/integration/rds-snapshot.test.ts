import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { momentId, momentOf } from '../../shared/backup/rds-point-in-time/moment.ts';
import { copiedSnapshots, instanceSnapshots } from '../../shared/backup/rds-snapshot/instance-snapshots.ts';
import { rdsSnapshotBackup } from '../../shared/backup/rds-snapshot/rds-snapshot-backup.ts';
import type { RdsSnapshotRecoveryPoint } from '../../shared/backup/rds-snapshot/rds-snapshot-recovery-point.ts';
import { snapshotName } from '../../shared/backup/rds-snapshot/snapshot-tags.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import { describeBackupMethod } from '../contract/backup-method.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { often } from './support/often.ts';
import { root } from './targets/account.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/*
 * Snapshots of a local RDS in two Regions: the backup method by itself, and the machine as it is deployed.
 */

const primary = 'eu-central-1';
const standby = 'eu-west-1';
const alias = 'alias/copies';
const instance = 'shop';

const snapshots = { schedule: 'rate(1 hour)', retention: '2d' };
const plan = {
  ...planOf(),
  workload: 'mailblast',
  objectives: { rpo: '1h', rto: '30m', scenarios: {} },
  restoreTests: {},
  vault: { lock: 'governance' },
  functions: {},
  databases: {
    main: {
      postgres: { secret: 'shop/database', certificateAuthority: 'shop/ca' },
      rds: { instance },
      heartbeat: { every: '1m' },
      backups: {
        hourly: { rdsSnapshot: { copyToStandby: { key: alias } }, ...snapshots },
        local: { rdsSnapshot: {}, ...snapshots },
        unreachable: { rdsSnapshot: { copyToStandby: { key: 'alias/nobody-made-it' } }, ...snapshots },
        full: { logical: {}, schedule: 'on-demand', retention: '30d' },
        moments: {
          pointInTime: { copyToStandby: { key: alias } },
          schedule: 'rate(1 hour)',
          retention: '1d',
        },
        nightly: {
          rdsSnapshot: { type: 'automated' },
          takenBy: 'RDS',
          schedule: 'rate(1 day)',
          retention: '1d',
        },
      },
    },
  },
};

let folder: string;
let stack: Deployed;
let rds: sdk.RDSClient;
let far: sdk.RDSClient;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rds-snapshot-'));
  const file = path.join(folder, 'plan.yml');
  await writeFile(file, JSON.stringify(plan)); // JSON is YAML
  stack = await deploy({ plan: file, waitScale: 0.01 });
  const owner = root(stack.aws);
  rds = new sdk.RDSClient({ ...owner, region: primary });
  far = new sdk.RDSClient({ ...owner, region: standby });
  const kms = new KMSClient({ ...owner, region: standby });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  kms.destroy();
  await createInstance(instance);
});
afterAll(async () => {
  for (const client of [rds, far]) client?.destroy();
  await stack?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createInstance(DBInstanceIdentifier: string, StorageEncrypted = true): Promise<void> {
  await rds.send(
    new sdk.CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 0,
      MasterUsername: 'app',
      MasterUserPassword: 'only-for-this-test',
      StorageEncrypted,
    }),
  );
  await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, { DBInstanceIdentifier });
}

const snapshotsIn = async (client: sdk.RDSClient, DBInstanceIdentifier = instance) =>
  (await client.send(new sdk.DescribeDBSnapshotsCommand({ DBInstanceIdentifier, SnapshotType: 'manual' })))
    .DBSnapshots ?? [];

let deployments = 0;
/** The method of a deployment of its own, which sees nothing of the others in the account. */
function methodOf(of = instance, key = alias) {
  const regions = {
    primary: instanceSnapshots(rds, primary, of),
    standby: copiedSnapshots(far, standby, { instance: of, key }),
  };
  const deployment = `lifeboat-test-${deployments++}`;
  const ports = {
    regions,
    clock: systemClock,
    deployment,
    source: { kind: 'instance', name: of } as const,
    retentionMs: 2 * DAY,
    longestMs: 9 * DAY,
    pollMs: 100,
  };
  return { ...ports, method: rdsSnapshotBackup(ports) };
}
const request = (runId: string) => ({
  database: 'main',
  backup: 'hourly',
  runId,
  runStartedAt: new Date(),
  signal: new AbortController().signal,
});

describeBackupMethod<RdsSnapshotRecoveryPoint>('the snapshots of RDS', async () => {
  const { method, regions } = methodOf();
  return {
    method,
    of: { database: 'main', backup: 'hourly' },
    damage: ({ snapshot }) => regions.standby.delete(snapshot),
    afterRetention: new Date(Date.now() + 3 * DAY),
    missing: 'SnapshotMissing',
  };
});

describe('a snapshot', () => {
  test('is one, however many attempts ask for it at the same time', async () => {
    const { method, deployment } = methodOf();
    const points = await Promise.all([1, 2, 3].map(() => method.take(request('same'))));
    expect(new Set(points.map(({ id }) => id)).size).toBe(1);
    for (const client of [rds, far]) {
      const ours = (await snapshotsIn(client)).filter((each) =>
        each.DBSnapshotIdentifier?.startsWith(deployment),
      );
      expect(ours).toHaveLength(1);
    }
  });

  test('that RDS gives up fails the backup, and is not taken for a recovery point', async () => {
    const { method, deployment, regions } = methodOf();
    const name = snapshotName({ deployment, ...request('failing') }, 'failing');
    const failure = 'The storage has gone away.';
    await stack.aws.rds.rehearse('hold-next', { of: name, status: 'creating', seconds: 1, failure });
    await expect(method.take(request('failing'))).rejects.toMatchObject({ name: 'SnapshotFailed' });
    expect((await regions.primary.find(name))?.status).toBe('failed');
    expect(await method.list(request('failing'))).toEqual([]);
  });

  test('that stays "creating" is given up at its deadline, and is not taken for a recovery point', async () => {
    const ports = methodOf();
    const name = snapshotName({ deployment: ports.deployment, ...request('hanging') }, 'hanging');
    await stack.aws.rds.rehearse('hold-next', { of: name, status: 'creating', seconds: 3_600 });
    const { take, list } = rdsSnapshotBackup({ ...ports, longestMs: 1_000 });
    await expect(take(request('hanging'))).rejects.toMatchObject({
      name: 'SnapshotNotCompleted',
      message: expect.stringContaining(`${primary}: creating`),
    });
    expect(await list(request('hanging'))).toEqual([]);
    await stack.aws.rds.rehearse('release', { of: name });
    // The run's next attempt adopts it.
    expect(await ports.method.take(request('hanging'))).toMatchObject({ snapshot: name });
  });

  test('is taken and copied although RDS throttles every call, once a quota has room', async () => {
    const { deployment, ...ports } = methodOf();
    const once = (region: string) => new sdk.RDSClient({ ...root(stack.aws), region, maxAttempts: 1 });
    const [near, there] = [once(primary), once(standby)];
    const regions = {
      primary: instanceSnapshots(near, primary, instance),
      standby: copiedSnapshots(there, standby, { instance, key: alias }),
    };
    await stack.aws.rds.rehearse('throttle', { refusals: 1 });
    await stack.aws.rds.rehearse('set-quota', { quota: 'manualSnapshots', most: 0 });
    const taken = rdsSnapshotBackup({ ...ports, deployment, regions }).take(request('queued'));
    await sleep(1_000);
    const name = snapshotName({ deployment, ...request('queued') }, 'queued');
    await stack.aws.rds.rehearse('set-quota', { quota: 'manualSnapshots' });
    expect(await taken).toMatchObject({ snapshot: name });
    await stack.aws.rds.rehearse('throttle', { refusals: 0 });
    for (const region of [ports.regions.primary, ports.regions.standby])
      expect((await region.find(name))?.status).toBe('available');
    for (const client of [near, there]) client.destroy();
  });

  test('whose name another took is refused, not adopted', async () => {
    const { method, deployment } = methodOf();
    const DBSnapshotIdentifier = snapshotName({ deployment, ...request('taken') }, 'taken');
    await rds.send(new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: instance, DBSnapshotIdentifier }));
    await expect(method.take(request('taken'))).rejects.toMatchObject({ name: 'SnapshotNameTaken' });
  });

  test('under a key that the standby does not have is not copied', async () => {
    const { method } = methodOf(instance, 'alias/nobody-made-it');
    await expect(method.take(request('keyless'))).rejects.toMatchObject({
      name: 'SnapshotKeyUnusable',
      message: expect.stringContaining(`"alias/nobody-made-it" cannot be used in ${standby}`),
    });
  });

  test('of an instance that does not exist, is not encrypted, is full or is stopped says what to do', async () => {
    await expect(methodOf('nowhere').method.take(request('a'))).rejects.toMatchObject({
      name: 'InstanceMissing',
    });
    await createInstance('open', false);
    const { method } = methodOf('open');
    await expect(method.take(request('b'))).rejects.toMatchObject({ name: 'InstanceUnencrypted' });
    await createInstance('other');
    const other = methodOf('other').method;
    await stack.aws.rds.rehearse('fill-storage', { instance: 'other' });
    await expect(other.take(request('c'))).rejects.toMatchObject({ name: 'InstanceStorageFull' });
    await stack.aws.rds.rehearse('free-storage', { instance: 'other' });
    await rds.send(new sdk.StopDBInstanceCommand({ DBInstanceIdentifier: 'other' }));
    await expect(other.take(request('d'))).rejects.toMatchObject({ name: 'InstanceStopped' });
  });

  test('is pruned in each Region, and that of another deployment is not', async () => {
    const [mine, theirs] = [methodOf(), methodOf()];
    const [old, verified] = [await mine.method.take(request('1')), await mine.method.take(request('2'))];
    const { snapshot: foreign } = await theirs.method.take(request('1'));
    // The original of a copy that outlived it.
    await mine.regions.primary.delete(old.snapshot);
    const options = { now: new Date(Date.now() + 3 * DAY), newestVerified: verified.id };
    expect(await mine.method.prune(request('x'), options)).toEqual({
      deletable: [old.id],
      deleted: [old.id],
    });
    // RDS deletes after it has answered.
    expect([undefined, 'deleting']).toContain((await mine.regions.standby.find(old.snapshot))?.status);
    for (const { primary: near, standby: copies } of [mine.regions])
      for (const region of [near, copies]) {
        expect(await region.find(verified.snapshot)).not.toBeNull();
        expect(await region.find(foreign)).not.toBeNull();
      }
  });
});

describe('the machine "backup"', () => {
  const run = (backup: string, input: object = {}) =>
    stack.run('backup', { database: 'main', backup, ...input });
  const ofStack = async (client: sdk.RDSClient) =>
    (await snapshotsIn(client)).filter(({ TagList = [] }) =>
      TagList.some(({ Key, Value }) => Key === 'lifeboat:deployment' && Value === stack.aws.stack.name),
    );

  test('takes a snapshot and its copy, proves both and records them', async () => {
    const { runId, status, output } = await run('hourly');
    expect({ status, output }).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'taken', reason: expect.stringContaining(`of 20 GiB in ${primary} and ${standby}`) },
    });
    const evidence = await stack.evidence('backup', runId);
    expect(evidence.steps).toMatchObject({
      snapshot: { complete: true, waitingFor: null, gibibytes: 20 },
      prove: { objects: 2, lockedUntil: null },
      prune: { deleted: [] },
    });
    const [near] = await ofStack(rds);
    const [copy] = await ofStack(far);
    expect(copy?.DBSnapshotIdentifier).toBe(near?.DBSnapshotIdentifier);
    expect(copy?.KmsKeyId).toContain(`:${standby}:`);
    const point = (await stack.journal.recoveryPoints({ database: 'main', backup: 'hourly' }, 1))[0];
    expect(evidence.recoveryPoint).toBe(point?.recoveryPoint);
    const { losses } = await stack.invoke<{ losses: object[] }>('measure-rpo', {});
    expect(losses).toContainEqual(
      expect.objectContaining({
        backup: 'hourly',
        newest: expect.objectContaining({ id: point?.recoveryPoint }),
      }),
    );
  });

  test('adopts the snapshot of an attempt that was killed before it could answer, and of a run started again', async () => {
    const runId = 'killed-1';
    const runStartedAt = new Date().toISOString();
    const before = (await ofStack(rds)).length;
    // What it asked RDS for stands, and no machine knows of it.
    await stack.invoke('take-snapshot', { runId, runStartedAt, database: 'main', backup: 'local' });
    expect(await run('local', { runId })).toMatchObject({ status: 'SUCCEEDED' });
    // A recorded run is not recorded again, and has no second snapshot.
    expect(await run('local', { runId })).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(/^The run ended as taken .* could not be recorded: RunAlreadyRecorded/),
    });
    expect(await ofStack(rds)).toHaveLength(before + 1);
  });

  test('deletes by its role what is past its retention, in both Regions, and not the newest verified one', async () => {
    const of = { database: 'main', backup: 'hourly' };
    const old = (await stack.journal.recoveryPoints(of, 1))[0]?.recoveryPoint;
    const { runId } = await run('hourly');
    const recoveryPoint = (await stack.evidence('backup', runId)).recoveryPoint ?? '';
    const verified = { runId: 'restore-1', at: new Date().toISOString() };
    await stack.journal.noteRecoveryPoint({ ...of, recoveryPoint }, { verified });
    const hourly = async (client: sdk.RDSClient) =>
      (await ofStack(client)).filter(
        ({ DBSnapshotIdentifier = '', Status }) =>
          Status === 'available' && DBSnapshotIdentifier.includes('-main-hourly-'),
      );
    for (const client of [rds, far]) {
      const Tags = [{ Key: 'lifeboat:kept-until', Value: new Date(0).toISOString() }];
      for (const { DBSnapshotArn: ResourceName } of await hourly(client))
        await client.send(new sdk.AddTagsToResourceCommand({ ResourceName, Tags }));
    }
    expect(await stack.invoke('prune-snapshots', of)).toMatchObject({ deleted: [old] });
    expect(await hourly(rds)).toHaveLength(1);
    expect(await hourly(far)).toHaveLength(1);
  });

  test('gives a snapshot and its copy the label, and shows it', async () => {
    const { runId, status, cause } = await run('hourly', { label: 'release/7:before-upgrade' });
    expect({ status, cause }).toMatchObject({ status: 'SUCCEEDED' });
    const { recoveryPoint, steps } = await stack.evidence('backup', runId);
    expect(steps.snapshot?.label).toBe('release/7:before-upgrade');
    for (const client of [rds, far]) {
      const labels = (await ofStack(client)).flatMap(({ TagList = [] }) =>
        TagList.filter(({ Key }) => Key === 'lifeboat:label').map(({ Value }) => Value),
      );
      expect(labels).toEqual(['release/7:before-upgrade']);
    }
    expect((await stack.journal.recoveryPoints({ database: 'main', backup: 'hourly' }, 1))[0]).toMatchObject({
      recoveryPoint,
      label: 'release/7:before-upgrade',
    });
    expect((await stack.journal.recent(1))[0]).toMatchObject({ label: 'release/7:before-upgrade' });
  });

  test('keeps the moments that RDS can restore, in both Regions, and says what to do where there are none', async () => {
    expect(await run('moments')).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(/^no point in time is kept as the plan says: AutomatedBackupsOff: /),
    });
    await rds.send(
      new sdk.ModifyDBInstanceCommand({
        DBInstanceIdentifier: instance,
        BackupRetentionPeriod: 1,
        ApplyImmediately: true,
      }),
    );
    const { runId, status } = await run('moments');
    const evidence = await stack.evidence('backup', runId);
    expect({ status, evidence }).toMatchObject({
      status: 'SUCCEEDED',
      evidence: {
        recoveryPoint: expect.stringMatching(/^\d{8}T\d{6}Z$/),
        steps: { pointInTime: { complete: true, copiedTo: expect.any(String) } },
      },
    });
    const { losses } = await stack.invoke<{ losses: { backup: string }[] }>('measure-rpo', {});
    const young = { id: expect.any(String), ageSeconds: expect.any(Number) };
    expect(Object.fromEntries(losses.map((loss) => [loss.backup, loss]))).toMatchObject({
      moments: { newest: young, copy: { region: standby, newest: young, problem: null } },
      nightly: { newest: { ...young, id: expect.stringMatching(/^\d{8}T\d{6}Z-rds:shop-/) } },
    });
    const startedAt = Date.now();
    const named = await run('moments', { label: 'before-upgrade' });
    const moment = momentOf((await stack.evidence('backup', named.runId)).recoveryPoint ?? '');
    // What was committed before the command is in it, and not much more.
    expect(named).toMatchObject({ status: 'SUCCEEDED' });
    expect(moment?.getTime()).toBeGreaterThanOrEqual(startedAt);
    expect(moment?.getTime()).toBeLessThan(startedAt + 5_000);
    expect(
      (await stack.journal.recoveryPoints({ database: 'main', backup: 'moments' }, 10))[0],
    ).toMatchObject({ label: 'before-upgrade', recoveryPoint: moment && momentId(moment) });
    // Somebody stops the replication: the next run starts it again.
    const [{ DBInstanceArn } = {}] =
      (await rds.send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }))).DBInstances ??
      [];
    await far.send(
      new sdk.StopDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: DBInstanceArn }),
    );
    expect(await run('moments')).toMatchObject({ status: 'SUCCEEDED' });
    // What was copied before can be restored at once, while RDS still begins to replicate.
    await vi.waitFor(async () => {
      const copies = await far.send(
        new sdk.DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: instance }),
      );
      expect(copies.DBInstanceAutomatedBackups).toMatchObject([
        {
          Status: 'replicating',
          KmsKeyId: expect.stringContaining(`:${standby}:`),
          BackupRetentionPeriod: 1,
        },
      ]);
    }, 10_000);
  });

  test('fails by name where the standby lacks the key', async () => {
    const { status, cause } = await run('unreachable');
    expect({ status, cause }).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(
        /^the snapshot was not taken: SnapshotKeyUnusable: KMS key "alias\/nobody-made-it"/,
      ),
    });
  });
});
