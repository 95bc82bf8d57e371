import { beforeEach, describe, expect, test } from 'vitest';
import { advance } from '../../../../shared/backup/rds-snapshot/advance.ts';
import { settingsInTags } from '../../../../shared/backup/rds-snapshot/instance-settings.ts';
import { readinessOf } from '../../../../shared/backup/rds-snapshot/instance-state.ts';
import { memoryRegions, sourceSettings } from './memory-regions.ts';

const runStartedAt = new Date('2026-03-01T03:00:00.000Z');
const request = { database: 'main', backup: 'hourly', runId: 'nightly-1', runStartedAt };
const name = /^lifeboat-shop-prod-main-hourly-[0-9a-f]{16}$/;

let now: Date;
let rds: ReturnType<typeof memoryRegions>;
beforeEach(() => {
  now = new Date(runStartedAt.getTime() + 1_000);
  rds = memoryRegions(() => now);
});
const step = (difference: object = {}, copied = true) =>
  advance(
    {
      regions: copied ? rds.regions : { ...rds.regions, standby: null },
      clock: { now: () => now },
      deployment: 'lifeboat-shop-prod',
      source: { kind: 'instance', name: 'shop' },
      retentionMs: 86_400_000,
      longestMs: 9 * 3_600_000,
    },
    { ...request, ...difference },
  );

test('of a cluster names the cluster, and what to ask of RDS', () => {
  const cluster = { kind: 'cluster', name: 'shop' } as const;
  const of = (status: string) => readinessOf(cluster, { status, encrypted: true, settings: null });
  expect(of('available')).toEqual({ kind: 'ready' });
  for (const passing of ['failing-over', 'backing-up', 'promoting'])
    expect(of(passing)).toEqual({ kind: 'waiting', because: `cluster "shop" is ${passing}` });
  expect(of('stopped')).toMatchObject({
    error: {
      message: expect.stringContaining('Aurora cluster "shop"'),
      hint: 'start it: aws rds start-db-cluster',
    },
  });
  expect(readinessOf(cluster, null)).toMatchObject({
    error: { hint: expect.stringContaining('databases.<name>.rds.cluster') },
  });
});

describe('a snapshot', () => {
  test('is asked for, looked at, copied, looked at, and complete', async () => {
    expect(await step()).toEqual({ kind: 'waiting', waitingFor: 'eu-central-1: creating' });
    expect(await step()).toEqual({ kind: 'waiting', waitingFor: 'eu-central-1: creating, 0 %' });
    rds.settle('primary');
    expect(await step()).toEqual({ kind: 'waiting', waitingFor: 'eu-west-1: copying' });
    expect(await step()).toEqual({ kind: 'waiting', waitingFor: 'eu-west-1: creating, 0 %' });
    rds.settle('standby');
    expect(await step()).toMatchObject({
      kind: 'complete',
      gibibytes: 20,
      point: {
        takenAt: now,
        keptUntil: new Date(now.getTime() + 86_400_000),
        snapshot: expect.stringMatching(name),
      },
    });
    expect(rds.requests).toHaveLength(2);
  });

  test('and its copy say what the instance was like, so that a restore can ask for it again', async () => {
    await step();
    rds.settle('primary');
    await step();
    rds.settle('standby');
    expect(await step()).toMatchObject({ point: { settings: sourceSettings } });
    for (const region of ['primary', 'standby'] as const)
      expect([...rds.stored[region].values()].map(({ tags }) => settingsInTags(tags))).toEqual([
        sourceSettings,
      ]);
  });

  test('is complete without a copy where the plan wants none', async () => {
    await step({}, false);
    rds.settle('primary');
    expect(await step({}, false)).toMatchObject({ kind: 'complete' });
    expect(rds.requests).toHaveLength(1);
  });

  test('is the same for another execution of the run, and another for another run', async () => {
    await step();
    await step({ runStartedAt: new Date('2026-03-02T03:00:00.000Z') });
    expect(rds.stored.primary.size).toBe(1);
    await step({ runId: 'nightly-2' });
    expect(rds.stored.primary.size).toBe(2);
  });

  test.each(['a quota of snapshots is reached', 'RDS throttles'])(
    'waits, and says so, while %s',
    async (why) => {
      rds.refuses(why);
      expect(await step()).toEqual({ kind: 'waiting', waitingFor: why });
      rds.refuses(null);
      await step();
      rds.settle('primary');
      rds.refuses(why);
      expect(await step()).toEqual({ kind: 'waiting', waitingFor: why });
      expect(rds.stored.standby.size).toBe(0);
    },
  );

  test('is waited for where RDS throttles also the looks, until its time is over', async () => {
    const find = async () => {
      throw Object.assign(new Error('Rate exceeded'), {
        name: 'Throttling',
        $metadata: { httpStatusCode: 400 },
      });
    };
    rds.regions = { ...rds.regions, primary: { ...rds.regions.primary, find } };
    expect(await step()).toEqual({ kind: 'waiting', waitingFor: 'RDS throttles: Rate exceeded' });
    now = new Date(runStartedAt.getTime() + 9 * 3_600_000 + 1);
    await expect(step()).rejects.toMatchObject({ name: 'SnapshotNotCompleted' });
  });

  test.each(['failed', 'incompatible-restore'])(
    'that RDS leaves %s fails, in each Region',
    async (status) => {
      await step();
      rds.settle('primary', status);
      await expect(step()).rejects.toMatchObject({
        name: 'SnapshotFailed',
        message: expect.stringContaining(status),
      });
      rds.settle('primary');
      await step();
      rds.settle('standby', status);
      await expect(step()).rejects.toMatchObject({
        name: 'SnapshotFailed',
        message: expect.stringContaining(`in eu-west-1 is ${status}`),
      });
    },
  );

  test('that never leaves "creating" is given up at its deadline, and no earlier', async () => {
    await step();
    now = new Date(runStartedAt.getTime() + 9 * 3_600_000);
    expect(await step()).toMatchObject({ kind: 'waiting' });
    now = new Date(now.getTime() + 1);
    await expect(step()).rejects.toMatchObject({
      name: 'SnapshotNotCompleted',
      message: expect.stringContaining('after 9 hours: eu-central-1: creating'),
    });
    rds.settle('primary');
    expect(await step({}, false)).toMatchObject({ kind: 'complete' });
  });

  test('with the tags of another is neither adopted nor copied', async () => {
    await step();
    rds.settle('primary');
    for (const [key, snapshot] of rds.stored.primary)
      rds.stored.primary.set(key, { ...snapshot, tags: { ...snapshot.tags, 'lifeboat:run': 'another' } });
    await expect(step()).rejects.toMatchObject({ name: 'SnapshotNameTaken' });
    expect(rds.stored.standby.size).toBe(0);
  });
});

describe('an instance', () => {
  test.each(['backing-up', 'modifying', 'rebooting', 'starting', 'configuring-enhanced-monitoring'])(
    'that is %s is waited for',
    async (status) => {
      rds.sourceIs({ status, encrypted: true });
      expect(await step()).toEqual({ kind: 'waiting', waitingFor: `instance "shop" is ${status}` });
      expect(rds.requests).toEqual([]);
    },
  );

  test.each([
    ['InstanceStopped', 'stopped'],
    ['InstanceStopped', 'stopping'],
    ['InstanceStorageFull', 'storage-full'],
    ['InstanceUnusable', 'failed'],
    ['InstanceUnusable', 'incompatible-network'],
    ['InstanceUnusable', 'inaccessible-encryption-credentials'],
    ['InstanceUnusable', 'deleting'],
    ['InstanceUnusable', 'a state of next year'],
  ])('ends the run as %s if it is %s, with a next step', async (error, status) => {
    rds.sourceIs({ status, encrypted: true });
    await expect(step()).rejects.toMatchObject({ name: error, hint: expect.stringMatching(/./) });
    expect(rds.requests).toEqual([]);
  });

  test('that is missing or not encrypted ends the run by name', async () => {
    rds.sourceIs(null);
    await expect(step()).rejects.toMatchObject({ name: 'InstanceMissing' });
    rds.sourceIs({ status: 'available', encrypted: false });
    await expect(step()).rejects.toMatchObject({ name: 'InstanceUnencrypted' });
  });

  test('is not asked about once its snapshot exists', async () => {
    await step();
    rds.settle('primary');
    rds.sourceIs(null);
    expect(await step({}, false)).toMatchObject({ kind: 'complete' });
  });
});
