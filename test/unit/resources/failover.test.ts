import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import { ON_RDS, planOf } from './plan-fixture.ts';

const FAILOVER = {
  signals: {
    health: { health: { url: 'https://shop.example.com/health' }, failsFor: '3m' },
    database: { connect: 'main', failsFor: '1m' },
    instance: { rds: 'main', failsFor: '1m' },
    errors: { alarm: 'shop-5xx', failsFor: '1m' },
  },
  decide: { of: ['health', 'database', 'instance'], atLeast: 2 },
};
const without = planOf(ON_RDS);
const watched = planOf({ ...ON_RDS, failover: FAILOVER });

// biome-ignore lint/suspicious/noExplicitAny: a template
const properties = (resource: unknown) => (resource as any).Properties;

describe('a plan with a failover', () => {
  test('adds nothing to the stack of the primary Region, and nothing where it stands alone', async () => {
    for (const role of ['primary', 'alone'] as const) {
      const [one, other] = [derive(watched, role), derive(without, role)];
      expect({ ...one, roles: await one.roles }).toEqual({ ...other, roles: await other.roles });
    }
  });

  test('adds the watcher, its table, its schedule and its alarms to the standby, which has none of them without', async () => {
    const [one, other] = [derive(watched, 'standby'), derive(without, 'standby')];
    const added = (part: 'functions' | 'schedules' | 'alarms') =>
      Object.keys(one[part]).filter((id) => !(id in other[part]));
    expect(added('functions')).toEqual(['watchPrimary']);
    expect(Object.keys(await one.roles).filter((id) => id.startsWith('Watch'))).toEqual(['WatchPrimaryRole']);
    expect(Object.keys(await other.roles).filter((id) => id.startsWith('Watch'))).toEqual([]);
    expect(added('schedules')).toEqual(['WatchPrimarySchedule']);
    expect(properties(one.schedules.WatchPrimarySchedule).ScheduleExpression).toBe('rate(1 minute)');
    expect(added('alarms').toSorted()).toEqual([
      'DatabaseSignalAlarm',
      'ErrorsSignalAlarm',
      'HealthSignalAlarm',
      'InstanceSignalAlarm',
      'PrimaryLostAlarm',
      'WatchPrimaryAlarm',
    ]);
    expect(Object.keys(other.tables.Resources)).toEqual([]);
    expect(Object.keys(one.tables.Resources)).toEqual(['Failover']);
    expect(one.tables.Resources.Failover).toMatchObject({ Type: 'AWS::DynamoDB::Table' });
    expect(one.tables.Outputs).toHaveProperty('FailoverTable');
  });

  test('alarms for a signal after its time, and takes missing data for a fault of the watcher alone', () => {
    const { alarms } = derive(watched, 'standby');
    expect(properties(alarms.HealthSignalAlarm)).toMatchObject({
      MetricName: 'SignalFailing',
      Statistic: 'Minimum',
      Period: 60,
      EvaluationPeriods: 3,
      TreatMissingData: 'missing',
    });
    expect(properties(alarms.PrimaryLostAlarm)).toMatchObject({ TreatMissingData: 'missing' });
    expect(properties(alarms.WatchPrimaryAlarm)).toMatchObject({
      MetricName: 'UnknownSignals',
      TreatMissingData: 'breaching',
    });
  });

  test('lets the watcher look, and write into its own table alone', async () => {
    const { WatchPrimaryRole } = await derive(watched, 'standby').roles;
    const statements = properties(WatchPrimaryRole).Policies[0].PolicyDocument.Statement as {
      Action: string[];
      Resource: unknown[];
    }[];
    const writes = statements.filter(({ Action }) =>
      Action.some((action) => !/:(Get|Describe)|^logs:|^ec2:|^sqs:SendMessage$|^kms:Decrypt$/.test(action)),
    );
    expect(writes.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['dynamodb:GetItem', 'dynamodb:PutItem'], [{ 'Fn::GetAtt': ['Failover', 'Arn'] }]],
    ]);
    const described = statements.find(({ Action }) => Action.includes('rds:DescribeDBInstances'));
    expect(JSON.stringify(described?.Resource)).toContain(`rds:eu-central-1:\${AWS::AccountId}:db:orders`);
    expect(JSON.stringify(described?.Resource)).toContain(`rds:eu-west-1:\${AWS::AccountId}:db:*`);
  });
});
