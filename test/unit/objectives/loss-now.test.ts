import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { manifestKey, recoveryPointId } from '../../../shared/backup/logical/recovery-point-id.ts';
import type { ListedRecoveryPoint, RecoveryPoints } from '../../../shared/backup/method.ts';
import { publishLoss } from '../../../shared/objectives/loss-metrics.ts';
import {
  type CopyAge,
  type LossPorts,
  lossesNow,
  lossNow,
  publishLosses,
} from '../../../shared/objectives/loss-now.ts';
import { milliseconds } from '../../../shared/plan/values/duration.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { DATABASE, planOf } from '../resources/plan-fixture.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const now = new Date('2026-10-05T12:00:00.000Z');
const HOUR = 3_600_000;
const point = (hoursAgo: number) => ({
  id: `${hoursAgo} hours old`,
  begunAt: new Date(now.getTime() - hoursAgo * HOUR),
});
const judged = (hours: readonly number[], verified: readonly number[], rpoHours: number | null = 6) =>
  lossNow(
    hours.map(point),
    verified.map((each) => ({
      database: 'main',
      backup: 'full',
      recoveryPoint: point(each).id,
      taken: null,
      verified: { runId: 'restore-test', at: now.toISOString() },
      read: null,
      label: null,
    })),
    { rpo: rpoHours === null ? null : milliseconds(rpoHours * HOUR) },
    now,
  );

describe('what would be lost now', () => {
  test('is all since the newest recovery point, within the RPO up to its last second', () => {
    expect(judged([30, 6], [30])).toEqual({
      points: 2,
      since: null,
      newest: { id: '6 hours old', ageSeconds: 21_600 },
      newestVerified: { id: '30 hours old', ageSeconds: 108_000 },
      labelled: [],
      targetSeconds: 21_600,
      met: true,
    });
    expect(judged([6.001], []).met).toBe(false);
  });

  test('names the recovery points with a label that are kept, the newest first', () => {
    const noted = (recoveryPoint: string, label: string | null, at: string | null = null) => ({
      ...{ database: 'main', backup: 'full', recoveryPoint, taken: null, read: null, label },
      verified: at === null ? null : { runId: 'restore-test', at },
    });
    const labelled = (listed: Parameters<typeof lossNow>[0], known: Parameters<typeof lossNow>[1]) =>
      lossNow(listed, known, { rpo: null }, now).labelled.map(({ id, label, verified }) => [
        id,
        label,
        verified,
      ]);
    expect(
      labelled(
        [{ ...point(30), label: 'by tag' }, { ...point(20), label: null }, point(10), point(6)],
        [noted(point(10).id, 'noted', '2026-03-08T00:00:00Z'), noted('expired', 'gone')],
      ),
    ).toEqual([
      [point(10).id, 'noted', true],
      [point(30).id, 'by tag', false],
    ]);
    const begunAt = new Date('2026-03-08T12:00:00Z');
    expect(
      labelled(
        [{ id: '20260308T120000Z', begunAt, since: new Date('2026-03-08T10:00:00Z') }],
        ['20260308T110000Z', '20260308T090000Z', '20260308T120001Z'].map((id) => noted(id, 'deploy')),
      ),
    ).toEqual([['20260308T110000Z', 'deploy', false]]);
  });

  test('is everything where there is no recovery point, which meets no RPO', () => {
    expect(judged([], [])).toMatchObject({ points: 0, newest: null, newestVerified: null, met: false });
  });

  test('is judged by nothing where any loss is accepted', () => {
    expect(judged([500], [], null)).toMatchObject({ targetSeconds: null, met: null });
  });

  test('counts the newest verified one of those that are still there', () => {
    expect(judged([48, 24, 1], [72, 48, 24]).newestVerified?.id).toBe('24 hours old');
    expect(judged([24, 1], [72]).newestVerified).toBeNull();
  });

  test('is never negative, whatever the clocks say', () => {
    expect(judged([-1], []).newest?.ageSeconds).toBe(0);
  });
});

describe('what would be lost of a workload', () => {
  test('knows the newest verified one, also where far more were taken after it than a restore test each day leaves', async () => {
    const of = { database: 'main', backup: 'full' };
    const vault = memoryVault();
    const journal = memoryJournal();
    const ids = Array.from({ length: 300 }, (_, index) =>
      recoveryPointId(new Date(now.getTime() - (300 - index) * 300_000), `run ${index}`, 'a1b2c3d4'),
    );
    for (const id of ids) {
      await vault.put(manifestKey({ ...of, id }), '{}', {
        contentType: 'application/json',
        lockedUntil: now,
      });
      const taken = { runId: 'backup', seconds: 60, bytes: 1_000 };
      await journal.noteRecoveryPoint({ ...of, recoveryPoint: id }, { taken });
    }
    const [oldest = ''] = ids;
    const verified = { runId: 'restore-test', at: now.toISOString() };
    await journal.noteRecoveryPoint({ ...of, recoveryPoint: oldest }, { verified });
    const plan = planOf({ restoreTests: {} });
    const rdsPoints = () => expect.fail('the plan has nothing in RDS');
    const [loss] = await lossesNow({ plan, vault, journal, rdsPoints }, now);
    expect(loss).toMatchObject({ points: 300, newest: { id: ids.at(-1) }, newestVerified: { id: oldest } });
  });
});

describe('what would be lost of a database on RDS', () => {
  const hourly = { schedule: 'rate(1 hour)', retention: '7d' };
  const copyToStandby = { key: 'alias/copies' };
  const plan = planOf({
    restoreTests: {},
    databases: {
      main: {
        ...DATABASE,
        rds: { instance: 'orders' },
        backups: {
          moments: { pointInTime: { copyToStandby }, ...hourly },
          others: { rdsSnapshot: {}, takenBy: 'AWS Backup', ...hourly },
          wal: DATABASE.backups.wal,
        },
      },
    },
  });
  const at = (time: string) => new Date(`2026-10-05T${time}Z`);
  const points = (list: ListedRecoveryPoint[]): RecoveryPoints => ({
    list: async () => list,
    hidden: async () => [],
    find: async () => expect.fail('nothing is read'),
  });
  const losses = (inStandby: () => RecoveryPoints, verified: string[] = []) =>
    lossesNow(
      {
        plan,
        vault: memoryVault(),
        journal: {
          recoveryPoints: async (of) =>
            verified.map((recoveryPoint) => ({
              ...of,
              recoveryPoint,
              taken: null,
              verified: { runId: 'restore-test', at: now.toISOString() },
              read: null,
              label: null,
            })),
        },
        rdsPoints: ({ backup }, role) => {
          if (role === 'standby') return inStandby();
          return backup === 'moments'
            ? points([{ id: '20261005T115600Z', begunAt: at('11:56:00'), since: at('00:00:00') }])
            : points([{ id: '20261005T110000Z-awsbackup:job-1', begunAt: at('11:00:00') }]);
        },
      },
      now,
    );
  const copies = () => points([{ id: '20261005T113000Z', begunAt: at('11:30:00'), since: at('00:00:00') }]);

  test('is what came after LatestRestorableTime, here and in the standby Region, and after the newest snapshot of others', async () => {
    expect(await losses(copies)).toMatchObject([
      {
        backup: 'moments',
        method: 'pointInTime',
        since: at('00:00:00'),
        newest: { id: '20261005T115600Z', ageSeconds: 240 },
        met: true,
        copy: { region: 'eu-west-1', newest: { ageSeconds: 1_800 }, problem: null },
      },
      { backup: 'others', since: null, newest: { ageSeconds: 3_600 }, met: false, copy: null },
    ]);
  });

  test('knows the newest moment that was verified and can still be restored', async () => {
    const verified = ['20261004T235959Z', '20261005T030000Z', '20261005T020000Z', '20261005T115601Z'];
    expect(await losses(copies, verified)).toMatchObject([
      { newestVerified: { id: '20261005T030000Z', ageSeconds: 9 * 3_600 } },
      { newestVerified: null },
    ]);
  });

  test('is known also where the standby Region does not respond, which is said', async () => {
    const unreachable = () => ({
      ...points([]),
      list: async () => {
        throw new Error('connect ECONNREFUSED');
      },
    });
    expect(await losses(unreachable)).toMatchObject([
      { newest: { ageSeconds: 240 }, copy: { newest: null, problem: 'connect ECONNREFUSED' } },
      { newest: { ageSeconds: 3_600 } },
    ]);
  });
});

describe('publishing what would be lost', () => {
  const plan = planOf({ databases: { main: DATABASE, second: DATABASE }, restoreTests: {} });
  const ports = (broken: string): LossPorts => ({
    plan,
    vault: memoryVault(),
    rdsPoints: () => expect.fail('the plan has nothing in RDS'),
    journal: {
      recoveryPoints: async ({ database }) => {
        if (database === broken) throw new Error(`${database} cannot be read`);
        return [];
      },
    },
  });
  const publishing = async (broken: string) => {
    const published: string[] = [];
    const done = publishLosses(ports(broken), now, ({ database }) => void published.push(database));
    return {
      failed: await done.then(
        () => null,
        ({ message }: Error) => message,
      ),
      published,
    };
  };

  test('of one backup that cannot be read fails, and publishes the others all the same', async () => {
    expect(await publishing('none')).toEqual({ failed: null, published: ['main', 'second'] });
    expect(await publishing('main')).toEqual({ failed: 'main cannot be read', published: ['second'] });
    expect(await publishing('second')).toEqual({ failed: 'second cannot be read', published: ['main'] });
  });
});

describe('the metrics of a backup', () => {
  beforeEach(() => {
    // Powertools writes to the global console in development only, and publishes there only when told to.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  });
  afterEach(() => vi.unstubAllEnvs());
  const loss = {
    database: 'main',
    backup: 'full',
    method: 'logical' as const,
    unusual: { duration: null, size: 'read 1 B, usually 1 GB' },
  };
  const published = (hours: readonly number[], verified: readonly number[], copy: CopyAge | null = null) => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    publishLoss('mailblast', { ...loss, ...judged(hours, verified), copy });
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    log.mockRestore();
    return lines;
  };

  test('are two ages in seconds and what was unusual, under workload, database and backup', () => {
    expect(published([30, 6], [30])).toMatchObject([
      {
        service: 'measure-rpo',
        workload: 'mailblast',
        database: 'main',
        backup: 'full',
        RecoveryPointAge: 21_600,
        VerifiedRecoveryPointAge: 108_000,
        UnusualDuration: 0,
        UnusualSize: 1,
      },
    ]);
  });

  test('have the age of the newest copy in the standby Region where there is one', () => {
    const copy = { region: 'eu-west-1', newest: { id: 'a', ageSeconds: 1_800 }, problem: null };
    expect(published([6], [], copy)[0]).toMatchObject({ StandbyRecoveryPointAge: 1_800 });
    expect(published([6], [], { ...copy, newest: null })[0]).not.toHaveProperty('StandbyRecoveryPointAge');
  });

  test('leave out the age of what there is not, so that the alarm misses it', () => {
    expect(published([6], [])[0]).not.toHaveProperty('VerifiedRecoveryPointAge');
    expect(published([], [])[0]).not.toHaveProperty('RecoveryPointAge');
  });
});
