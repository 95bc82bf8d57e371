import { afterAll, describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { DATABASE, ON_RDS, planOf, QUEUE, RESTORE_TEST, WEBHOOK } from './plan-fixture.ts';

/** These databases and no restore test. */
const databases = (...all: [string, object][]) => ({
  databases: Object.fromEntries(all),
  restoreTests: {},
});

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

// Permissions are modules that `derive` begins to import: a file that ends before they are there fails.
afterAll(() => derive(planOf()).roles);

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
        {
          database: 'main',
          backup: 'full',
          startedBy: 'schedule main-backup-full',
          runId: 'main-backup-full-<aws.scheduler.scheduled-time>',
        },
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
        {
          restoreTest: 'nightly',
          startedBy: 'schedule nightly-restore-test',
          runId: 'nightly-restore-test-<aws.scheduler.scheduled-time>',
        },
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

  test('reads recovery points on a schedule of its own where the plan says so', () => {
    const full = { ...DATABASE.backups.full, verify: { schedule: 'cron(0 6 * * ? *)' } };
    const { MainVerifyFullSchedule } = schedulesOf(
      planOf({ databases: { main: { ...DATABASE, backups: { full } } } }),
    );
    expect(MainVerifyFullSchedule?.Properties).toMatchObject({
      ScheduleExpression: 'cron(0 6 * * ? *)',
      Target: { Arn: { Ref: 'VerifyMachine' } },
    });
    expect(JSON.parse(MainVerifyFullSchedule?.Properties.Target.Input ?? '')).toEqual({
      database: 'main',
      backup: 'full',
      startedBy: 'schedule main-verify-full',
      runId: 'main-verify-full-<aws.scheduler.scheduled-time>',
    });
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
    const replays = { orders: { ...QUEUE, schedule: 'rate(1 hour)' }, mails: WEBHOOK };
    const plan = planOf({ ...ON_RDS, replays });
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
      'RandomRestoreTestSchedule',
      'OtherServerRestoreTestSchedule',
      'NightlySweepSchedule',
      'OtherServerSweepSchedule',
    ]);
  });

  test('sweep a server where restored databases stay, and once if a restore test shares it', () => {
    const place = (secret: string) => ({
      from: { database: 'main', backup: 'full' },
      into: { server: { ...RESTORE_TEST.into.scratchDatabase, secret } },
      scenario: RESTORE_TEST.scenario,
      freshness: RESTORE_TEST.freshness,
    });
    const sweepsOf = (difference: object) =>
      Object.entries(schedulesOf(planOf(difference)))
        .filter(([id]) => id.includes('Sweep'))
        .map(([id, { Properties }]) => [id, JSON.parse(Properties.Target.Input)]);
    const restores = {
      production: place('shop/production-server'),
      beside: place(RESTORE_TEST.into.scratchDatabase.secret),
    };
    expect(sweepsOf({ restoreTests: { nightly: RESTORE_TEST }, restores })).toEqual([
      ['NightlySweepSchedule', { restoreTest: 'nightly' }],
      ['ProductionSweepSchedule', { restore: 'production' }],
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
