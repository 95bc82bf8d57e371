import { beforeEach, describe, expect, test } from 'vitest';
import { lookAfter } from '../../../../shared/backup/rds-point-in-time/look-after.ts';
import {
  pointInTimePoints,
  pointInTimeProving,
} from '../../../../shared/backup/rds-point-in-time/point-in-time-points.ts';
import { DAY } from '../../../../shared/plan/values/duration.ts';
import { describeRecoveryPoints } from '../../../contract/recovery-points.ts';
import { memoryAutomatedBackups } from './memory-automated-backups.ts';

const runStartedAt = new Date('2026-03-08T03:00:00.000Z');
let now: Date;
let rds: ReturnType<typeof memoryAutomatedBackups>;
beforeEach(() => {
  now = new Date(runStartedAt.getTime() + 1_000);
  rds = memoryAutomatedBackups(() => now);
});
const look = (copied = false, moment: Date | null = null) =>
  lookAfter(
    {
      regions: copied ? rds.regions : { ...rds.regions, standby: null },
      clock: { now: () => now },
      instance: 'shop',
      retentionMs: 7 * DAY,
      longestMs: 9 * 3_600_000,
      moment,
    },
    runStartedAt,
  );
/** The time of the newest moment, and of a window that begins there. */
const between = (from: string, to: string) => ({ earliest: new Date(from), latest: new Date(to) });

describe('the moments of an instance', () => {
  test('are those from the earliest to LatestRestorableTime', async () => {
    expect(await look()).toEqual({
      kind: 'kept',
      window: { earliest: rds.ago(7 * 24 * 60), latest: rds.ago(4) },
      copies: null,
    });
    expect(rds.started).toEqual([]);
  });

  test.each([
    ['in the first second of the archive', between('2026-03-08T02:59:00.200Z', '2026-03-08T02:59:00.900Z')],
    ['while RDS lists no window', null],
  ])('are waited for %s, because no later look would find one', async (_, window) => {
    rds.instanceIs({ latest: new Date('2026-03-08T02:59:00.900Z') });
    rds.sourceIs({ window });
    expect(await look()).toEqual({
      kind: 'waiting',
      waitingFor: 'eu-central-1: the first whole second of "shop" that can be restored',
    });
    expect(await pointInTimePoints(rds.regions.primary).list({ database: 'main', backup: 'm' })).toEqual([]);
  });

  test('are whole seconds that a later look finds, though RDS counts milliseconds', async () => {
    rds.sourceIs({ window: between('2026-03-08T02:58:59.200Z', '2026-03-08T02:59:01.900Z') });
    rds.copiesAre({ window: between('2026-03-08T02:58:59.300Z', '2026-03-08T02:59:00.100Z') });
    expect(await look(true)).toEqual({
      kind: 'kept',
      window: between('2026-03-08T02:59:00.000Z', '2026-03-08T02:59:01.000Z'),
      copies: between('2026-03-08T02:59:00.000Z', '2026-03-08T02:59:00.000Z'),
    });
  });

  test('are waited for until the moment of a label is among them, in both Regions', async () => {
    const moment = rds.ago(4);
    rds.copiesAre({ window: { earliest: rds.ago(60), latest: rds.ago(5) } });
    expect(await look(false, moment)).toMatchObject({ kind: 'kept' });
    expect(await look(false, rds.ago(3))).toMatchObject({
      kind: 'waiting',
      waitingFor:
        'eu-central-1: 20260308T025701Z, the newest moment that can be restored is 20260308T025601Z',
    });
    expect(await look(true, moment)).toMatchObject({
      kind: 'waiting',
      waitingFor: 'eu-west-1: 20260308T025601Z, the newest moment that can be restored is 20260308T025501Z',
    });
    rds.copiesAre({});
    expect(await look(true, moment)).toMatchObject({ kind: 'kept' });
  });

  test('are waited for where RDS throttles also the looks, until their time is over', async () => {
    const instance = async () => {
      throw Object.assign(new Error('Rate exceeded'), {
        name: 'Throttling',
        $metadata: { httpStatusCode: 400 },
      });
    };
    const regions = { primary: { ...rds.regions.primary, instance }, standby: null };
    const clock = { now: () => now };
    const ports = { regions, clock, instance: 'shop', retentionMs: 7 * DAY, longestMs: 9 * 3_600_000 };
    expect(await lookAfter(ports, runStartedAt)).toEqual({
      kind: 'waiting',
      waitingFor: 'RDS throttles: Rate exceeded',
    });
    now = new Date(runStartedAt.getTime() + 9 * 3_600_000 + 1);
    await expect(lookAfter(ports, runStartedAt)).rejects.toMatchObject({ name: 'PointInTimeNotReady' });
  });

  test.each([
    [null, 'InstanceMissing', 'there is no RDS instance "shop"'],
    [{ status: 'stopped' }, 'InstanceStopped', 'RDS backs it up no longer'],
    [{ status: 'stopping' }, 'InstanceStopped', 'RDS backs it up no longer'],
    [{ status: 'storage-full' }, 'InstanceStorageFull', 'has no storage left'],
    [{ status: 'failed' }, 'InstanceUnusable', 'is failed'],
    [{ status: 'incompatible-restore' }, 'InstanceUnusable', 'is incompatible-restore'],
    [{ status: 'deleting' }, 'InstanceUnusable', 'is deleting'],
    [{ status: 'a word of next year' }, 'InstanceUnusable', 'is a word of next year'],
    [{ encrypted: false }, 'InstanceUnencrypted', 'not encrypted'],
    [{ retentionDays: 0, latest: null }, 'AutomatedBackupsOff', 'are off'],
    [{ retentionDays: 6 }, 'AutomatedBackupsTooShort', 'reach back 6 days, and the plan says 7'],
  ] as const)('of %j fail as %s', async (difference, name, message) => {
    rds.instanceIs(difference);
    const hint = expect.stringMatching(/aws rds|storage autoscaling|restore it/);
    await expect(look()).rejects.toMatchObject({ name, message: expect.stringContaining(message), hint });
  });

  test.each(['available', 'modifying', 'backing-up', 'rebooting', 'storage-optimization', 'maintenance'])(
    'of an instance that is %s are kept',
    async (status) => {
      rds.instanceIs({ status });
      expect(await look()).toMatchObject({ kind: 'kept' });
    },
  );

  test.each([
    [20, null],
    [20.1, 'ArchiveLate'],
  ])('whose newest is %d minutes old fail as %s', async (minutes, name) => {
    rds.instanceIs({ latest: rds.ago(minutes) });
    const failed = await look().then(
      () => null,
      (error: Error) => error.name,
    );
    expect(failed).toBe(name);
  });

  test('are waited for while there is no LatestRestorableTime, until the run has waited long enough', async () => {
    rds.instanceIs({ latest: null });
    expect(await look()).toEqual({
      kind: 'waiting',
      waitingFor: 'the first automated backup of "shop" (available)',
    });
    now = new Date(runStartedAt.getTime() + 9 * 3_600_000 + 1);
    await expect(look()).rejects.toMatchObject({
      name: 'PointInTimeNotReady',
      message: expect.stringContaining('after 9 hours: the first automated backup of "shop"'),
    });
  });
});

describe('the copies in the standby Region', () => {
  test('are started once, waited for, and then kept', async () => {
    expect(await look(true)).toEqual({
      kind: 'waiting',
      waitingFor: 'eu-west-1: replication was started, because there were no copies',
    });
    expect(await look(true)).toEqual({ kind: 'waiting', waitingFor: 'eu-west-1: creating' });
    rds.copiesAre({});
    expect(await look(true)).toMatchObject({ kind: 'kept', copies: { latest: rds.ago(4) } });
    expect(rds.started).toEqual([7]);
  });

  test.each([
    [{ status: 'retained' }, 'the replication had been stopped'],
    [{ resourceId: 'db-FORMER' }, 'the copies were of another instance'],
  ])('that are %j are started again', async (difference, because) => {
    rds.copiesAre(difference);
    expect(await look(true)).toMatchObject({ waitingFor: expect.stringContaining(because) });
    expect(rds.started).toEqual([7]);
  });

  test.each([
    [{ retentionDays: 6 }, 'AutomatedBackupsTooShort', 'the copies in eu-west-1 reach back 6 days'],
    [{ key: null }, 'ReplicationUnencrypted', 'not under a key of that Region'],
    [
      { key: 'arn:aws:kms:eu-central-1:111122223333:key/near' },
      'ReplicationUnencrypted',
      'not under a key of that Region',
    ],
  ])('that are %j fail as %s', async (difference, name, message) => {
    rds.copiesAre(difference);
    await expect(look(true)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(rds.started).toEqual([]);
  });

  test.each([
    [60, null],
    [60.1, 'ReplicationLate'],
  ])('whose newest moment is %d minutes old fail as %s', async (minutes, name) => {
    rds.copiesAre({ window: { earliest: rds.ago(600), latest: rds.ago(minutes) } });
    const failed = await look(true).then(
      () => null,
      (error: Error) => error.name,
    );
    expect(failed).toBe(name);
  });

  test('are waited for where RDS refuses for a reason that passes by itself', async () => {
    rds.refuses('eu-west-1: queued, because a quota of replicated automated backups is reached');
    expect(await look(true)).toEqual({
      kind: 'waiting',
      waitingFor: 'eu-west-1: queued, because a quota of replicated automated backups is reached',
    });
  });

  test('are not asked for while nothing can be restored in the primary Region', async () => {
    rds.instanceIs({ latest: null });
    await look(true);
    expect(rds.started).toEqual([]);
  });
});

describeRecoveryPoints('the moments of an instance in memory', async () => {
  const memory = memoryAutomatedBackups(() => runStartedAt);
  memory.sourceIs(null);
  const ports = { clock: { now: () => runStartedAt }, instance: 'shop', retentionMs: 7 * DAY };
  return {
    points: {
      ...pointInTimePoints(memory.regions.primary),
      ...pointInTimeProving(memory.regions, ports),
    },
    of: { database: 'main', backup: 'any-moment' },
    async begin() {
      memory.sourceIs({});
      memory.copiesAre({});
    },
    damage: async () => memory.copiesAre({ status: 'retained' }),
    missing: 'MomentMissing',
  };
});

describe('a moment', () => {
  const of = { database: 'main', backup: 'any-moment' };
  const find = (id: string) => pointInTimePoints(rds.regions.primary).find({ ...of, id });

  test('is found anywhere in the window, to the second, and at its ends', async () => {
    const window = {
      earliest: new Date('2026-03-01T00:00:00.700Z'),
      latest: new Date('2026-03-08T00:00:00.300Z'),
    };
    rds.sourceIs({ window });
    for (const id of ['20260301T000001Z', '20260304T123456Z', '20260308T000000Z'])
      expect(await find(id)).toMatchObject({ id, method: 'pointInTime', resourceId: 'db-SHOP' });
    for (const id of ['20260301T000000Z', '20260308T000001Z', '20260230T000000Z', 'newest'])
      await expect(find(id)).rejects.toMatchObject({
        name: 'MomentMissing',
        hint: 'name one from 20260301T000001Z to 20260308T000000Z',
      });
  });

  test('does not exist while the window is within one second', async () => {
    rds.sourceIs({
      window: {
        earliest: new Date('2026-03-08T00:00:00.100Z'),
        latest: new Date('2026-03-08T00:00:00.900Z'),
      },
    });
    expect(await pointInTimePoints(rds.regions.primary).list(of)).toEqual([]);
    await expect(find('20260308T000000Z')).rejects.toMatchObject({ name: 'MomentMissing' });
  });

  test('of a deleted instance is found in what RDS retains', async () => {
    rds.instanceIs(null);
    rds.sourceIs({ status: 'retained', resourceId: 'db-GONE' });
    const [newest] = await pointInTimePoints(rds.regions.primary).list(of);
    expect(await find(newest?.id ?? '')).toMatchObject({ resourceId: 'db-GONE' });
  });
});
