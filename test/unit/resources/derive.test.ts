import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { queueOfAlarm } from '../../../shared/recovery/alarm-name.ts';
import { DATABASE, planOf, RESTORE_TEST } from './plan-fixture.ts';

/** These databases and no restore test. */
const databases = (...all: [string, object][]) => ({
  databases: Object.fromEntries(all),
  restoreTests: {},
});

const QUEUE = { deadLetters: 'orders-dlq', target: { queue: 'orders' }, scenario: 'crash' };

interface Schedule {
  Type: string;
  Properties: {
    Name: unknown;
    ScheduleExpression: string;
    ScheduleExpressionTimezone: string;
    Target: { Arn: unknown; Input: string };
  };
}
const schedulesOf = (plan: Plan) => derive(plan).schedules as Record<string, Schedule>;

describe('the schedules', () => {
  test('are one for each logical backup, the restore test, the heartbeat and the sweep', () => {
    const found = Object.entries(schedulesOf(planOf())).map(([id, { Properties: each }]) => [
      id,
      each.ScheduleExpression,
      each.Target.Arn,
      JSON.parse(each.Target.Input),
    ]);
    expect(found).toEqual([
      [
        'MainBackupFullSchedule',
        'cron(0 2 * * ? *)',
        { Ref: 'BackupMachine' },
        { database: 'main', backup: 'full', startedBy: 'schedule main-backup-full' },
      ],
      [
        'MainHeartbeatSchedule',
        'rate(1 minute)',
        { 'Fn::GetAtt': ['WriteHeartbeatLambdaFunction', 'Arn'] },
        { database: 'main' },
      ],
      [
        'NightlyRestoreTestSchedule',
        'cron(0 4 * * ? *)',
        { Ref: 'RestoreTestMachine' },
        { restoreTest: 'nightly', startedBy: 'schedule nightly-restore-test' },
      ],
      [
        'NightlySweepSchedule',
        'rate(1 hour)',
        { 'Fn::GetAtt': ['SweepScratchLambdaFunction', 'Arn'] },
        { restoreTest: 'nightly' },
      ],
      ['MeasureRpoSchedule', 'rate(5 minutes)', { 'Fn::GetAtt': ['MeasureRpoLambdaFunction', 'Arn'] }, {}],
    ]);
  });

  test('start a replay through the function that starts each once', () => {
    const schedules = schedulesOf(planOf({ replays: { orders: { ...QUEUE, schedule: 'rate(1 hour)' } } }));
    const { Target, ScheduleExpression } = schedules.OrdersReplaySchedule?.Properties ?? {};
    expect(ScheduleExpression).toBe('rate(1 hour)');
    expect(Target?.Arn).toEqual({ 'Fn::GetAtt': ['StartReplayLambdaFunction', 'Arn'] });
    expect(JSON.parse(Target?.Input ?? '')).toEqual({
      queue: 'orders',
      startedBy: 'schedule orders-replay',
      requestId: '<aws.scheduler.scheduled-time>',
      ifNeeded: true,
    });
  });

  test('start no replay that is on demand', () => {
    expect(Object.keys(schedulesOf(planOf({ replays: { orders: QUEUE } })))).toHaveLength(5);
  });

  test('run by UTC, as the plan says', () => {
    for (const { Properties } of Object.values(schedulesOf(planOf())))
      expect(Properties.ScheduleExpressionTimezone).toBe('UTC');
  });

  test('keep a start that could not be made', () => {
    for (const { Properties } of Object.values(schedulesOf(planOf())))
      expect(Properties.Target).toMatchObject({
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['LostEvents', 'Arn'] } },
      });
  });

  test('and topics start no function whose failures would be lost', () => {
    const webhook = {
      deadLetters: 'mails-dlq',
      target: { webhook: { secret: 'shop/webhook' } },
      scenario: 'crash',
      subscription: { topic: 'mails' },
    };
    const plan = planOf({ replays: { orders: { ...QUEUE, schedule: 'rate(1 hour)' }, mails: webhook } });
    const started = Object.values(schedulesOf(plan))
      .flatMap(({ Properties }) => (Properties.Target.Arn as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? [])
      .filter((part) => part.endsWith('LambdaFunction'));
    const kept = Object.values(derive(plan).failureDestinations) as {
      Properties: { FunctionName: { Ref: string }; DestinationConfig: object };
    }[];
    expect(kept.map(({ Properties }) => Properties.FunctionName.Ref).sort()).toEqual(
      [...new Set(started)].sort(),
    );
    for (const { Properties } of kept)
      expect(Properties.DestinationConfig).toEqual({
        OnFailure: { Destination: { 'Fn::GetAtt': ['LostEvents', 'Arn'] } },
      });
  });

  test('leave out what is taken on demand', () => {
    const main = { ...DATABASE, backups: { full: { ...DATABASE.backups.full, schedule: 'on-demand' } } };
    const plan = planOf({
      databases: { main },
      restoreTests: { nightly: { ...RESTORE_TEST, schedule: 'on-demand' } },
    });
    expect(Object.keys(schedulesOf(plan))).toEqual([
      'MainHeartbeatSchedule',
      'NightlySweepSchedule',
      'MeasureRpoSchedule',
    ]);
  });

  test.each([
    ['1m', 'rate(1 minute)'],
    ['5m', 'rate(5 minutes)'],
    ['2h', 'rate(120 minutes)'],
  ])('write a heartbeat every %s as %s', (every, expression) => {
    const plan = planOf({
      databases: { main: { ...DATABASE, heartbeat: { every } } },
      restoreTests: { nightly: { ...RESTORE_TEST, freshness: '3h' } },
    });
    expect(schedulesOf(plan).MainHeartbeatSchedule?.Properties.ScheduleExpression).toBe(expression);
  });

  test('of two databases stand side by side', () => {
    const ids = Object.keys(schedulesOf(planOf(databases(['main', DATABASE], ['audit-log', DATABASE]))));
    expect(ids).toHaveLength(5);
    expect(ids).toContain('AuditLogBackupFullSchedule');
  });

  test('of two restore tests stand side by side, and sweep a server once that they share', () => {
    const elsewhere = { scratchDatabase: { ...RESTORE_TEST.into.scratchDatabase, secret: 'shop/other' } };
    const restoreTests = {
      nightly: RESTORE_TEST,
      random: { ...RESTORE_TEST, from: { ...RESTORE_TEST.from, choose: 'random' } },
      'other-server': { ...RESTORE_TEST, into: elsewhere },
    };
    const ids = Object.keys(schedulesOf(planOf({ restoreTests })));
    expect(ids.filter((id) => /RestoreTest|Sweep/.test(id))).toEqual([
      'NightlyRestoreTestSchedule',
      'NightlySweepSchedule',
      'RandomRestoreTestSchedule',
      'OtherServerRestoreTestSchedule',
      'OtherServerSweepSchedule',
    ]);
  });

  test.each(['restore-test', 'heartbeat', 'sweep'])('keep a backup that is called %s', (name) => {
    const backups = { [name]: DATABASE.backups.full };
    const main = { ...DATABASE, backups };
    const ids = Object.keys(schedulesOf(planOf({ databases: { main }, restoreTests: {} })));
    expect(ids).toHaveLength(3);
  });

  test('that would be one resource are refused', () => {
    const named = (name: string) => ({
      ...DATABASE,
      backups: { [name]: DATABASE.backups.full },
    });
    const plan = planOf({
      databases: { a: named('b-backup-c'), 'a-backup-b': named('c') },
      restoreTests: {},
    });
    expect(() => schedulesOf(plan)).toThrow(/two schedules .* ABackupBBackupCSchedule/);
  });
});

describe('the alarms', () => {
  interface Alarm {
    Properties: Record<string, unknown>;
  }
  const alarmsOf = (plan: Plan) => derive(plan).alarms as Record<string, Alarm>;
  const start = { depth: 50, for: '10m' };

  test('are three for each machine: failed, timed out, aborted', () => {
    const names = ['Backup', 'RestoreTest', 'Replay', 'Rehydrate'].flatMap((machine) =>
      ['Failed', 'TimedOut', 'Aborted'].map((end) => `${machine}Machine${end}Alarm`),
    );
    const found = Object.keys(alarmsOf(planOf({ replays: { orders: QUEUE } })));
    expect(found.filter((name) => name.includes('Machine'))).toEqual(names);
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
      Period: 180,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
    });
  });

  test.each([
    ['of which no restore test reads', { restoreTests: {} }, 180],
    [
      'whose freshness is less than two intervals',
      {
        databases: { main: { ...DATABASE, heartbeat: { every: '10m' } } },
        restoreTests: { nightly: { ...RESTORE_TEST, freshness: '11m' } },
      },
      1200,
    ],
    [
      'that may be older than CloudWatch can ask',
      { restoreTests: { nightly: { ...RESTORE_TEST, freshness: '3d' } } },
      86_400,
    ],
  ])('wait as long as makes sense for a heartbeat %s', (_, difference, seconds) => {
    expect(alarmsOf(planOf(difference)).MainHeartbeatAlarm?.Properties.Period).toBe(seconds);
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
      mails: { ...QUEUE, deadLetters: 'mails-dlq', schedule: 'cron(0 2 * * ? *)' },
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
      return [Namespace, MetricName, Period, EvaluationPeriods];
    };
    expect(silent('NightlyNoRestoreTestAlarm')).toEqual(['Lifeboat', 'Succeeded', 3_600, 25]);
    expect(silent('NoSweepAlarm')).toEqual(['AWS/Lambda', 'Invocations', 3_600, 2]);
    expect(silent('NoScheduledReplayAlarm')).toEqual(['AWS/Lambda', 'Invocations', 3_600, 2]);
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

  test.each([
    ['weekly, as CloudWatch looks back a week and no longer', 'cron(0 3 ? * SUN *)'],
    ['monthly', 'cron(0 3 1 * ? *)'],
    ['on demand', 'on-demand'],
  ])('watch no restore test that runs %s', (_, schedule) => {
    const alarms = alarmsOf(planOf({ restoreTests: { nightly: { ...RESTORE_TEST, schedule } } }));
    expect(alarms).not.toHaveProperty('NightlyNoRestoreTestAlarm');
  });

  test('never ask CloudWatch for more than a week, or for more than a day in periods below an hour', () => {
    const often = { ...RESTORE_TEST, schedule: 'cron(0 3 ? * MON,FRI *)' };
    for (const { Properties } of Object.values(alarmsOf(planOf({ restoreTests: { often } })))) {
      const { Period = 0, EvaluationPeriods = 0 } = Properties as Record<string, number>;
      expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3_600 ? 86_400 : 604_800);
    }
  });

  test('that last are set to OK each morning, so that they tell again', () => {
    const { alarms, reminders } = derive(planOf()) as unknown as {
      alarms: Record<string, Alarm>;
      reminders: Record<string, { Properties: { Target: { Arn: object; Input: { 'Fn::Sub': string } } } }>;
    };
    const lasting = [
      'MainHeartbeat',
      'NightlyNoRestoreTest',
      'NoSweep',
      'MainFullRecoveryPointAge',
      'MainFullDuration',
      'MainFullSize',
      'MainFullVerifiedAge',
      'LostEvents',
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

describe('the lifecycle of the vault', () => {
  const rules = (plan: Plan) =>
    (derive(plan).lifecycleRules as { Id: string; Prefix: string; ExpirationInDays: number }[]).map(
      ({ Id, Prefix, ExpirationInDays }) => [Id, Prefix, ExpirationInDays],
    );

  test('keeps what is locked for as long as it is, by backup, and the evidence for a year', () => {
    expect(rules(planOf())).toEqual([
      ['content-main-full', 'recovery-points/main/full/', 30],
      ['provisional-main-full', 'recovery-points/main/full/', 3],
      ['manifests-main-full', 'manifests/main/full/', 30],
      ['evidence', 'evidence/', 365],
    ]);
  });

  test('keeps what is in quarantine as long as its queue says', () => {
    const replays = {
      orders: { ...QUEUE, quarantine: '10d' },
      mails: { ...QUEUE, deadLetters: 'mails-dlq' },
    };
    expect(rules(planOf({ replays })).slice(-2)).toEqual([
      ['quarantine-orders', 'quarantine/orders/', 10],
      ['quarantine-mails', 'quarantine/mails/', 90],
    ]);
  });

  test('never expires anything before its lock ends', () => {
    const backups = { full: { ...DATABASE.backups.full, retention: '25h' } };
    expect(rules(planOf(databases(['main', { ...DATABASE, backups }])))[0]).toEqual([
      'content-main-full',
      'recovery-points/main/full/',
      2,
    ]);
  });

  test('removes old versions and what a failed upload left', () => {
    for (const rule of derive(planOf()).lifecycleRules) {
      expect(rule).toMatchObject({ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 } });
      // S3 knows no tags of an open upload, so the rule by tag cannot end one. The rule of the same prefix does.
      expect('AbortIncompleteMultipartUpload' in rule).toBe(!('TagFilters' in rule));
    }
  });

  test('removes what an attempt left that never came to its manifest, and only that, after its first lock', () => {
    const [rule] = derive(planOf()).lifecycleRules.filter((each) => 'TagFilters' in each);
    expect(rule).toMatchObject({
      TagFilters: [{ Key: 'lifeboat', Value: 'provisional' }],
      ExpirationInDays: 3,
    });
  });
});

describe('the memory of the functions that move whole databases', () => {
  const memoryOf = (difference: object) =>
    Object.entries(derive(planOf(difference)).functions).map(([name, settings]) => [
      name,
      (settings as { memorySize: number }).memorySize,
    ]);

  test('is 3,008 MB, which every account allows, and no other function has more', () => {
    const memory = new Map(memoryOf({}) as [string, number][]);
    expect(memory.get('copyDatabase')).toBe(3_008);
    expect(memory.get('loadScratch')).toBe(3_008);
    expect(Math.max(...memory.values())).toBe(3_008);
  });

  test('is what the plan says', () => {
    const memory = new Map(memoryOf({ functions: { memory: 10_240 } }) as [string, number][]);
    expect([memory.get('copyDatabase'), memory.get('loadScratch')]).toEqual([10_240, 10_240]);
    expect([...memory.values()].filter((each) => each === 10_240)).toHaveLength(2);
  });
});

describe('the network', () => {
  const network = { subnets: ['subnet-0a1b2c3d4e5f60001'], securityGroups: ['sg-0a1b2c3d4e5f60003'] };
  const other = { ...network, subnets: ['subnet-0a1b2c3d4e5f60002'] };
  const within = (place: object) => ({ ...DATABASE, postgres: { ...DATABASE.postgres, network: place } });

  test('is the one of all databases', () => {
    const plan = planOf(databases(['a', within(network)], ['b', within(network)]));
    expect(derive(plan).functions.copyDatabase).toHaveProperty('vpc', {
      subnetIds: network.subnets,
      securityGroupIds: network.securityGroups,
    });
  });

  test('is none where no database names one', () => {
    const none = { subnetIds: [], securityGroupIds: [] };
    expect(derive(planOf()).functions.copyDatabase).toHaveProperty('vpc', none);
    expect(derive(planOf()).functions.copyDatabase).not.toHaveProperty('environment.SUBNETS');
  });

  test('is known to the functions inside it alone, beside the settings of their own', () => {
    const subnets = ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'];
    const { functions } = derive(planOf(databases(['a', within({ ...network, subnets })])));
    expect(functions.copyDatabase).toMatchObject({
      environment: { SUBNETS: subnets.join(','), VAULT_BUCKET: { Ref: 'Vault' } },
    });
    const outside = Object.values(functions).filter((each) => !('vpc' in each));
    expect(outside.length).toBeGreaterThan(0);
    for (const each of outside) expect(each).not.toHaveProperty('environment.SUBNETS');
  });

  test.each([
    ['two', within(other)],
    ['one and none', DATABASE],
  ])('of databases that name %s is refused', (_, second) => {
    const plan = planOf(databases(['a', within(network)], ['b', second]));
    expect(() => derive(plan)).toThrow(
      expect.objectContaining({
        name: 'NotDeployable',
        message:
          'the databases of workload "shop" name different networks: give each network a plan of its own',
      }),
    );
  });
});

test.each([
  ['governance', 'GOVERNANCE'],
  ['compliance', 'COMPLIANCE'],
])('the lock %s of the plan is the default of the bucket, %s', (lock, lockMode) => {
  expect(derive(planOf({ vault: { lock } })).lockMode).toBe(lockMode);
});

test('workload and Region are the ones of the plan', () => {
  expect(derive(planOf())).toMatchObject({ workload: 'shop', region: 'eu-central-1' });
});
