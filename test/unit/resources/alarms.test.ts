import { describe, expect, test } from 'vitest';
import { planWarnings } from '../../../cli/render/plan-summary.ts';
import { derive } from '../../../resources/derive.ts';
import { unwatchedSchedules } from '../../../resources/silence-alarms.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { queueOfAlarm } from '../../../shared/recovery/alarm-name.ts';
import { DATABASE, planOf, QUEUE, RESTORE_TEST, WEBHOOK } from './plan-fixture.ts';

describe('the alarms', () => {
  interface Alarm {
    Properties: Record<string, unknown>;
  }
  const alarmsOf = (plan: Plan) => derive(plan).alarms as Record<string, Alarm>;
  const start = { depth: 50, for: '10m' };

  test('are three for each machine: failed, timed out, aborted', () => {
    const names = ['Backup', 'RestoreTest', 'Verify', 'Restore', 'Replay', 'Rehydrate'].flatMap((machine) =>
      ['Failed', 'TimedOut', 'Aborted'].map((end) => `${machine}Machine${end}Alarm`),
    );
    const found = Object.keys(alarmsOf(planOf({ replays: { orders: QUEUE } })));
    expect(found.filter((name) => name.includes('Machine'))).toEqual(names);
  });

  test('are repeated within a quarter of an hour of the morning, so that CloudWatch does not throttle them', () => {
    const { reminders } = derive(planOf({ replays: { mails: WEBHOOK } })) as unknown as {
      reminders: Record<string, Alarm>;
    };
    expect(Object.keys(reminders).length).toBeGreaterThan(3);
    for (const { Properties } of Object.values(reminders))
      expect(Properties).toMatchObject({
        ScheduleExpression: 'cron(0 8 * * ? *)',
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      });
  });

  test('notice a heartbeat that stopped, by the strictest freshness of its database', () => {
    const strict = { ...RESTORE_TEST, freshness: '3m' };
    const { MainHeartbeatAlarm } = alarmsOf(planOf({ restoreTests: { nightly: RESTORE_TEST, strict } }));
    expect(MainHeartbeatAlarm?.Properties).toMatchObject({
      AlarmDescription: 'no heartbeat was written to "main" for 3m',
      Namespace: 'Lifeboat',
      MetricName: 'HeartbeatWritten',
      Dimensions: [
        { Name: 'service', Value: 'write-heartbeat' },
        { Name: 'workload', Value: 'shop' },
        { Name: 'database', Value: 'main' },
      ],
      // Any three minutes without one, not three minutes that begin where CloudWatch's period does.
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    });
  });

  test.each([
    ['of which no restore test reads', { restoreTests: {} }, 3],
    [
      'whose freshness is less than two intervals',
      {
        databases: { main: { ...DATABASE, heartbeat: { every: '10m' } } },
        restoreTests: { nightly: { ...RESTORE_TEST, freshness: '11m' } },
      },
      20,
    ],
    [
      'that may be older than CloudWatch can ask',
      { restoreTests: { nightly: { ...RESTORE_TEST, freshness: '3d' } } },
      1_440,
    ],
  ])('wait as long as makes sense for a heartbeat %s', (_, difference, minutes) => {
    expect(alarmsOf(planOf(difference)).MainHeartbeatAlarm?.Properties).toMatchObject({
      Period: 60,
      EvaluationPeriods: minutes,
      DatapointsToAlarm: minutes,
    });
  });

  test('tell people of a copy that a restore test left behind, and of a sweep that cannot drop one', () => {
    const { NightlyLeftBehindAlarm, SweepErrorsAlarm } = alarmsOf(planOf());
    expect(NightlyLeftBehindAlarm?.Properties).toMatchObject({
      Namespace: 'Lifeboat',
      MetricName: 'LeftBehind',
      Dimensions: [
        { Name: 'service', Value: 'restore-test' },
        { Name: 'workload', Value: 'shop' },
        { Name: 'subject', Value: 'nightly' },
      ],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    });
    expect(SweepErrorsAlarm?.Properties).toMatchObject({
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'SweepScratchLambdaFunction' } }],
    });
    expect(alarmsOf(planOf({ restoreTests: {} }))).not.toHaveProperty('SweepErrorsAlarm');
  });

  test('notice what should have happened and did not, within the gap of its schedule and an hour', () => {
    const replays = {
      orders: { ...QUEUE, schedule: 'rate(1 hour)' },
      mails: { ...WEBHOOK, schedule: 'cron(0 2 * * ? *)' },
    };
    const alarms = alarmsOf(planOf({ replays }));
    const silent = (id: string) => {
      const { Namespace, MetricName, Period, EvaluationPeriods, DatapointsToAlarm } =
        alarms[id]?.Properties ?? {};
      expect(DatapointsToAlarm).toBe(EvaluationPeriods);
      expect(alarms[id]?.Properties).toMatchObject({
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
        AlarmActions: [{ Ref: 'AlarmsTopic' }],
      });
      const [service, , subject] = (alarms[id]?.Properties.Dimensions as { Value: string }[]) ?? [];
      return [Namespace, MetricName, service?.Value, subject?.Value, Period, EvaluationPeriods];
    };
    const starts = ['Lifeboat', 'ScheduledStart'];
    expect(silent('NightlyNoRestoreTestAlarm')).toEqual([
      'Lifeboat',
      'Succeeded',
      'restore-test',
      'nightly',
      3_600,
      25,
    ]);
    // Each schedule has its own: of two replays, the one that runs every hour does not hide that the nightly one stopped.
    expect(silent('NightlyNoSweepAlarm')).toEqual([...starts, 'sweep-scratch', 'nightly', 3_600, 2]);
    expect(silent('OrdersNoScheduledReplayAlarm')).toEqual([...starts, 'start-replay', 'orders', 3_600, 2]);
    expect(silent('MailsNoScheduledReplayAlarm')).toEqual([...starts, 'start-replay', 'mails', 3_600, 25]);
    expect(silent('MailsNoSubscriptionCheckAlarm')).toEqual([
      ...starts,
      'ensure-subscription',
      'mails',
      3_600,
      2,
    ]);
    expect(alarms).not.toHaveProperty('OrdersNoSubscriptionCheckAlarm');
  });

  test('notice a sweep that stopped once for each scratch server', () => {
    const restoreTests = { nightly: RESTORE_TEST, random: RESTORE_TEST };
    const sweeps = Object.keys(alarmsOf(planOf({ restoreTests }))).filter((id) => id.includes('NoSweep'));
    expect(sweeps).toEqual(['NightlyNoSweepAlarm']);
  });

  const ages = (difference: object = {}) =>
    Object.entries(alarmsOf(planOf(difference)))
      .filter(([id]) => /AgeAlarm$/.test(id))
      .map(([id, { Properties }]) => [id, Properties.Threshold]);
  const taken = (schedule: string) => ({
    databases: {
      main: { ...DATABASE, backups: { full: { ...DATABASE.backups.full, schedule } } },
    },
  });
  const HOURS = 3_600;

  test('notice what would be lost now: a recovery point, or a verified one, that is too old or not there', () => {
    const { MainFullRecoveryPointAgeAlarm } = alarmsOf(planOf());
    expect(MainFullRecoveryPointAgeAlarm?.Properties).toMatchObject({
      AlarmDescription:
        'the newest recovery point of backup "full" of "main" is older than 1d 1h, or there is none: see "lifeboat status"',
      Namespace: 'Lifeboat',
      MetricName: 'RecoveryPointAge',
      Dimensions: [
        { Name: 'service', Value: 'measure-rpo' },
        { Name: 'workload', Value: 'shop' },
        { Name: 'database', Value: 'main' },
        { Name: 'backup', Value: 'full' },
      ],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    });
    expect(ages()).toEqual([
      ['MainFullRecoveryPointAgeAlarm', 25 * HOURS],
      ['MainFullVerifiedAgeAlarm', 50 * HOURS],
    ]);
  });

  test('notice a backup that took longer than usual, or whose size is unlike those before it', () => {
    const { MainFullDurationAlarm, MainFullSizeAlarm } = alarmsOf(planOf());
    const common = {
      Namespace: 'Lifeboat',
      Statistic: 'Maximum',
      Period: 300,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    };
    expect(MainFullDurationAlarm?.Properties).toMatchObject({ ...common, MetricName: 'UnusualDuration' });
    expect(MainFullSizeAlarm?.Properties).toMatchObject({ ...common, MetricName: 'UnusualSize' });
  });

  test.each([
    ['the RPO, where the schedule can meet it', 'rate(5 minutes)', 900],
    ['the RPO, where it is as long as the schedule', 'rate(15 minutes)', 900],
    ['the schedule and an hour, where it cannot', 'rate(1 hour)', 2 * HOURS],
    ['the schedule and an hour, of a weekly backup too', 'cron(0 3 ? * SUN *)', 169 * HOURS],
  ])('measure the age of a recovery point against %s', (_, schedule, seconds) => {
    expect(ages(taken(schedule))[0]).toEqual(['MainFullRecoveryPointAgeAlarm', seconds]);
  });

  test('measure no age of a backup that is taken on demand, and no verified age where nothing tests it', () => {
    expect(ages(taken('on-demand'))).toEqual([]);
    expect(ages({ restoreTests: {} })).toEqual([['MainFullRecoveryPointAgeAlarm', 25 * HOURS]]);
    const onDemand = { nightly: { ...RESTORE_TEST, schedule: 'on-demand' } };
    expect(ages({ restoreTests: onDemand })).toEqual([['MainFullRecoveryPointAgeAlarm', 25 * HOURS]]);
  });

  const onRds = (backup: object, rpo = '15m') => ({
    objectives: { rpo, rto: '30m', scenarios: { crash: { rpo: '15m', rto: '20m' } } },
    databases: { main: { ...DATABASE, rds: { instance: 'orders' }, backups: { hourly: backup } } },
    restoreTests: {},
  });
  const hourly = { schedule: 'rate(1 hour)', retention: '7d' };
  const copyToStandby = { key: 'alias/copies' };
  test.each([
    ['point in time, by the RPO', { pointInTime: {}, ...hourly }, '15m', [900]],
    ['point in time, by two archives where the RPO is shorter', { pointInTime: {}, ...hourly }, '5m', [600]],
    ['point in time and its copy', { pointInTime: { copyToStandby }, ...hourly }, '15m', [900, HOURS]],
    [
      'snapshots and their copies',
      { rdsSnapshot: { copyToStandby }, ...hourly },
      '15m',
      [2 * HOURS, 10 * HOURS],
    ],
    ['snapshots of others', { rdsSnapshot: {}, takenBy: 'AWS Backup', ...hourly }, '15m', [2 * HOURS]],
    ['no point in time of others', { pointInTime: {}, takenBy: 'a script', ...hourly }, '15m', []],
  ])('measure on RDS the age of %s', (_, backup, rpo, limits) => {
    expect(ages(onRds(backup, rpo)).map(([, limit]) => limit)).toEqual(limits);
  });

  test('measure no duration of what Lifeboat does not take itself', () => {
    const of = (backup: object) =>
      Object.keys(alarmsOf(planOf(onRds(backup)))).filter((id) => /(?:Duration|Size)Alarm$/.test(id));
    expect(of({ rdsSnapshot: {}, ...hourly })).toHaveLength(2);
    expect(of({ rdsSnapshot: {}, takenBy: 'AWS Backup', ...hourly })).toEqual([]);
    expect(of({ pointInTime: {}, ...hourly })).toEqual([]);
  });

  test.each([
    ['weekly, as CloudWatch looks back a week and no longer', 'cron(0 3 ? * SUN *)'],
    ['monthly', 'cron(0 3 1 * ? *)'],
    ['on demand', 'on-demand'],
  ])('watch no restore test that runs %s', (_, schedule) => {
    const alarms = alarmsOf(planOf({ restoreTests: { nightly: { ...RESTORE_TEST, schedule } } }));
    expect(alarms).not.toHaveProperty('NightlyNoRestoreTestAlarm');
  });

  test('notice that no recovery point was found intact for longer than the plan reads one', () => {
    const full = { ...DATABASE.backups.full, verify: { schedule: 'cron(0 6 * * ? *)' } };
    const { MainNoVerifyAlarm } = alarmsOf(
      planOf({ databases: { main: { ...DATABASE, backups: { full } } } }),
    );
    expect(MainNoVerifyAlarm?.Properties).toMatchObject({
      MetricName: 'Succeeded',
      Dimensions: [
        { Name: 'service', Value: 'verify' },
        { Name: 'workload', Value: 'shop' },
        { Name: 'subject', Value: 'main' },
      ],
      Period: 3_600,
      EvaluationPeriods: 25,
      TreatMissingData: 'breaching',
    });
    expect(alarmsOf(planOf())).not.toHaveProperty('MainNoVerifyAlarm');
  });

  test('that CloudWatch cannot have are named, for plan check to warn of', () => {
    const weekly = { ...RESTORE_TEST, schedule: 'cron(0 3 ? * SUN *)' };
    const monthly = { ...QUEUE, schedule: 'cron(0 3 1 * ? *)' };
    const plan = planOf({
      restoreTests: { nightly: RESTORE_TEST, weekly },
      replays: { orders: monthly, mails: WEBHOOK },
    });
    expect(unwatchedSchedules(plan)).toEqual(['restore test weekly', 'replay orders']);
    expect(planWarnings(plan).join('\n')).toContain(
      'restore test weekly: no alarm notices when its schedule stops',
    );
  });

  test('never ask CloudWatch for more than a week, or for more than a day in periods below an hour', () => {
    const often = { ...RESTORE_TEST, schedule: 'cron(0 3 ? * MON,FRI *)' };
    for (const { Properties } of Object.values(alarmsOf(planOf({ restoreTests: { often } })))) {
      const { Period = 0, EvaluationPeriods = 0 } = Properties as Record<string, number>;
      expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3_600 ? 86_400 : 604_800);
    }
  });

  test('that last are set to OK each morning, so that they tell again', () => {
    const { alarms, reminders } = derive(planOf({ replays: { mails: WEBHOOK } })) as unknown as {
      alarms: Record<string, Alarm>;
      reminders: Record<string, { Properties: { Target: { Arn: object; Input: { 'Fn::Sub': string } } } }>;
    };
    const lasting = [
      'MainHeartbeat',
      'NightlyNoRestoreTest',
      'NightlyNoSweep',
      'MailsNoSubscriptionCheck',
      'MainFullRecoveryPointAge',
      'MainFullDuration',
      'MainFullSize',
      'MainFullVerifiedAge',
      'LostEvents',
      'SubscriptionErrors',
    ];
    expect(Object.keys(reminders)).toEqual(lasting.map((id) => `${id}Reminder`));
    for (const id of lasting) {
      expect(alarms).toHaveProperty(`${id}Alarm`);
      const { Arn, Input } = reminders[`${id}Reminder`]?.Properties.Target ?? {};
      expect(Arn).toEqual({
        'Fn::Sub': `arn:\${AWS::Partition}:scheduler:::aws-sdk:cloudwatch:setAlarmState`,
      });
      expect(JSON.parse(Input?.['Fn::Sub'] ?? '')).toMatchObject({
        AlarmName: `\${${id}Alarm}`,
        StateValue: 'OK',
      });
    }
  });

  test('start a replay when its queue has been deep for so long, and tell people', () => {
    const { OrdersDepthAlarm } = alarmsOf(planOf({ replays: { orders: { ...QUEUE, start } } }));
    expect(OrdersDepthAlarm?.Properties).toMatchObject({
      AlarmDescription: '50 or more messages in orders-dlq for 10m: starts the replay of "orders"',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'orders-dlq' }],
      Period: 60,
      EvaluationPeriods: 10,
      Threshold: 50,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: [{ Ref: 'RecoveryTopic' }, { Ref: 'AlarmsTopic' }],
    });
  });

  test('have a name that leads back to the queue', () => {
    const { AuditLogDepthAlarm } = alarmsOf(planOf({ replays: { 'audit-log': { ...QUEUE, start } } }));
    const name = AuditLogDepthAlarm?.Properties.AlarmName as { 'Fn::Sub': string } | undefined;
    const filled = name?.['Fn::Sub'].replace(`\${AWS::StackName}`, 'lifeboat-shop-prod');
    expect(queueOfAlarm('lifeboat-shop-prod', filled ?? '')).toBe('audit-log');
  });

  test('that would be one resource are refused', () => {
    const replays = {
      'a-1': { ...QUEUE, start },
      a1: { ...QUEUE, start, deadLetters: 'other-dlq' },
    };
    expect(() => derive(planOf({ replays }))).toThrow(/two alarms .* A1DepthAlarm: rename one/);
  });
});
