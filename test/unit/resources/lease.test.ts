import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import { parsePlan } from '../../../shared/plan/load.ts';
import { mistakesIn } from '../plan/mistakes-in.ts';
import { PLAN } from '../plan/plan-text.ts';

const leased = (lease: string) => PLAN.replace('    heartbeat:\n', `    lease: ${lease}\n    heartbeat:\n`);
const planOf = (text: string) => parsePlan(text, 'shop.yml');
const SHORT = '{ tables: [orders] }';

describe('a plan with a lease', () => {
  const plan = planOf(leased(SHORT));

  test('has the renewals in the primary Region, once a minute, and the locks in the standby Region', async () => {
    const [primary, standby] = [derive(plan, 'primary'), derive(plan, 'standby')];
    expect(Object.keys(primary.functions)).toEqual(expect.arrayContaining(['renewLease', 'changeFence']));
    expect(Object.keys(standby.functions)).not.toContain('renewLease');
    expect(primary.schedules.MainLeaseSchedule).toMatchObject({
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Target: { Arn: { 'Fn::GetAtt': ['RenewLeaseLambdaFunction', 'Arn'] } },
      },
    });
    expect(JSON.stringify(primary.recovery)).toContain('RenewLeaseLambdaFunction');
    expect(Object.keys(standby.locks.Resources)).toEqual(['Locks']);
    expect(primary.locks.Resources).toEqual({});
  });

  test('lets the renewals put locks in the standby Region, and nothing else there', async () => {
    const { RenewLeaseRole } = (await derive(plan, 'primary').roles) as Record<
      string,
      { Properties: { Policies: { PolicyDocument: { Statement: { Action: string[] }[] } }[] } }
    >;
    const statements = RenewLeaseRole?.Properties.Policies[0]?.PolicyDocument.Statement.filter(({ Action }) =>
      Action.some((action) => action.startsWith('dynamodb')),
    );
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:PutItem'],
        Resource: [
          {
            'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:us-west-2:\${AWS::AccountId}:table/\${AWS::StackName}-locks`,
          },
        ],
      },
    ]);
  });

  test('tells people of a lease that is not renewed, that was taken, and of a fence with gaps', () => {
    const { alarms } = derive(plan, 'primary');
    expect(alarms.MainLeaseAlarm).toMatchObject({
      Properties: { MetricName: 'LeaseRenewed', TreatMissingData: 'breaching', Period: 60 },
    });
    expect(Object.keys(alarms)).toEqual(
      expect.arrayContaining(['MainLeaseTakenAlarm', 'MainFenceGapsAlarm']),
    );
  });
});

test('a plan without one has nothing of it', () => {
  for (const role of ['primary', 'standby', 'alone'] as const)
    expect(JSON.stringify(derive(planOf(PLAN), role))).not.toMatch(/RenewLease|changeFence|-locks/);
});

test.each([
  ['{ tables: [] }', 'expected at least one table'],
  ['{ tables: ["orders; DROP TABLE x"] }', 'expected a table as schema.table'],
  ['{ tables: [orders], valid: 5s }', 'expected a duration from 15s to 10m'],
  ['{ tables: [orders], valid: 15s, renewEvery: 10s }', 'three times renewEvery'],
])('a lease %s is refused', (lease, expected) => {
  expect(mistakesIn(leased(lease)).join('\n')).toContain(expected);
});
