import { describe, expect, test } from 'vitest';
import { measureRpo } from '../../../functions/objectives/permissions.ts';
import { derive } from '../../../resources/derive.ts';
import type { RecoveryPoints } from '../../../shared/backup/method.ts';
import { lossesNow } from '../../../shared/objectives/loss-now.ts';
import type { RegionRole } from '../../../shared/plan/region-role.ts';
import { inStandby, planInStandby } from '../../../shared/standby/plan-in-standby.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { DATABASE, planOf, QUEUE } from '../resources/plan-fixture.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const hourly = { schedule: 'rate(1 hour)', retention: '7d' };
const copyToStandby = { key: 'alias/copies' };
const plan = planOf({
  restoreTests: {},
  databases: {
    main: {
      ...DATABASE,
      rds: { instance: 'orders' },
      backups: {
        ...DATABASE.backups,
        copied: { rdsSnapshot: { copyToStandby }, ...hourly },
        here: { rdsSnapshot: {}, ...hourly },
        moments: { pointInTime: { copyToStandby }, ...hourly },
        others: { rdsSnapshot: {}, takenBy: 'AWS Backup', ...hourly },
      },
    },
  },
  replays: { orders: QUEUE },
});

describe('from the standby Region', () => {
  test('a plan has what is there: the vault, and what RDS copies', () => {
    const { databases, replays } = planInStandby(plan);
    expect(Object.keys(databases.main?.backups ?? {})).toEqual(['full', 'copied', 'moments']);
    expect(replays).toEqual({});
  });

  test('the copies of RDS are the recovery points, and the primary Region is not asked', async () => {
    const now = new Date('2026-10-05T12:00:00Z');
    const asked: RegionRole[] = [];
    const begunAt = new Date('2026-10-05T11:00:00Z');
    const points: RecoveryPoints = {
      list: async () => [{ id: 'copy', begunAt }],
      hidden: async () => [],
      find: async () => expect.fail('nothing is read'),
    };
    const ports = inStandby({
      plan,
      vault: memoryVault(),
      journal: memoryJournal(),
      rdsPoints: (_, role) => {
        asked.push(role);
        return points;
      },
    });
    const losses = await lossesNow(ports, now);
    expect(losses.map(({ backup, newest, copy }) => [backup, newest?.ageSeconds, copy])).toEqual([
      ['full', undefined, null],
      ['copied', 3600, null],
      ['moments', 3600, null],
    ]);
    expect(asked).toEqual(['standby', 'standby']);
  });

  test('measure-rpo may look at the copies there, and at nothing in the primary Region', () => {
    const allowed = JSON.stringify(measureRpo(plan, 'standby'));
    expect(allowed).toContain('rds:DescribeDBSnapshots');
    expect(allowed).toContain('rds:DescribeDBInstanceAutomatedBackups');
    expect(allowed).toContain(plan.regions.standby);
    expect(allowed).not.toContain(plan.regions.primary);
    expect(JSON.stringify(measureRpo(planOf(), 'standby'))).not.toContain('rds:');
  });

  test('each backup that is there has one alarm on its age, with the limit of its copies', () => {
    const ageAlarms = (role: 'primary' | 'standby') =>
      Object.entries(derive(plan, role).alarms).flatMap(([id, alarm]) => {
        // biome-ignore lint/suspicious/noExplicitAny: a template
        const { MetricName, Threshold, AlarmDescription } = (alarm as any).Properties;
        return /Age/.test(id) ? [{ id, MetricName, Threshold, AlarmDescription }] : [];
      });
    const there = ageAlarms('standby');
    const newest = 'RecoveryPointAge';
    expect(there.map(({ id, MetricName }) => [id, MetricName])).toEqual([
      ['MainFullRecoveryPointAgeAlarm', newest],
      ['MainCopiedStandbyAgeAlarm', newest],
      ['MainMomentsStandbyAgeAlarm', newest],
    ]);
    for (const { AlarmDescription } of there)
      expect(AlarmDescription).toMatch(/^in the standby Region: .*see "lifeboat status --region standby"$/);
    const [copied] = ageAlarms('primary').filter(({ id }) => id === 'MainCopiedStandbyAgeAlarm');
    expect(there[1]?.Threshold).toBe(copied?.Threshold);
  });
});
