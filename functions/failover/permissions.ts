import { allow, FAILOVER, locksIn, readSecrets, type Statement } from '../../resources/iam.ts';
import { databaseSecrets } from '../../resources/plan-secrets.ts';
import { rdsArn } from '../../resources/rds-permissions.ts';
import { leasedDatabases } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** It looks, and changes nothing but what it keeps of its looks. */
export function watchPrimary(plan: Plan): Statement[] {
  if (!plan.failover) return [];
  const signals = Object.values(plan.failover.signals);
  const connected = signals.flatMap((signal) => {
    if ('connect' in signal) return [signal.connect];
    return 'heartbeat' in signal ? [signal.heartbeat.database] : [];
  });
  const { primary, standby } = plan.regions;
  const sources = signals.flatMap((signal) =>
    'rds' in signal ? (plan.databases[signal.rds]?.rds ?? []) : [],
  );
  const instances = sources.flatMap(({ instance }) => instance ?? []);
  const clusters = sources.flatMap(({ cluster }) => cluster ?? []);
  const alarms = signals.some((signal) => 'alarm' in signal);
  return [
    allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [FAILOVER]),
    ...readSecrets([...new Set(connected)].map((name) => databaseSecrets(plan, name))),
    // In its own Region, to know that its own network works.
    allow(
      ['rds:DescribeDBInstances'],
      [...instances.map((name) => rdsArn(primary, `db:${name}`)), rdsArn(standby, 'db:*')],
    ),
    allow(
      ['rds:DescribeDBClusters'],
      clusters.map((name) => rdsArn(primary, `cluster:${name}`)),
    ),
    // It has no condition and no resource that names one alarm in a list.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    allow(['cloudwatch:DescribeAlarms'], alarms ? ['*'] : []),
  ];
}

/** May take a lock in the standby Region. To reserve one takes another action, which is the failover's. */
export function renewLease(plan: Plan): Statement[] {
  const leased = leasedDatabases(plan);
  if (leased.length === 0) return [];
  return [
    ...readSecrets(leased.map((name) => databaseSecrets(plan, name))),
    allow(['dynamodb:PutItem'], [locksIn(plan.regions.standby)]),
  ];
}

/** The first end of a lease is granted like every other. */
export const changeFence = renewLease;
