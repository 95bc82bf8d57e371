import { LEASE } from '../shared/lease/lease-metrics.ts';
import { leasedDatabases } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { alarm } from './alarm.ts';
import { hasFunction } from './in-standby.ts';
import { logicalId } from './named-resources.ts';

/**
 * Three alarms for each leased database: no renewal, a renewal that was refused, and a fence with gaps. Two minutes
 * without a renewal raise the first one: by then a lease of the usual length has run out.
 */
export function leaseAlarms(plan: Plan, role: StackRole): [id: string, alarm: object][] {
  if (!hasFunction(role, 'renew-lease')) return [];
  return leasedDatabases(plan).flatMap((database): [string, object][] => {
    const of = (metric: string) => ({
      Namespace: LEASE.namespace,
      MetricName: metric,
      Dimensions: [
        { Name: 'service', Value: LEASE.service },
        { Name: 'workload', Value: plan.workload },
        { Name: 'database', Value: database },
      ],
      Period: 60,
    });
    const id = logicalId(database);
    return [
      [
        `${id}LeaseAlarm`,
        alarm({
          AlarmDescription: `the lease of "${database}" was not renewed for two minutes: its tables refuse writes, or soon will. See the log of renew-lease`,
          ...of(LEASE.renewed),
          EvaluationPeriods: 2,
          DatapointsToAlarm: 2,
          Threshold: 1,
          ComparisonOperator: 'LessThanThreshold',
          TreatMissingData: 'breaching',
        }),
      ],
      [
        `${id}LeaseTakenAlarm`,
        alarm({
          AlarmDescription: `a failover took the lease of "${database}": it is not renewed any more`,
          ...of(LEASE.taken),
        }),
      ],
      [
        `${id}FenceGapsAlarm`,
        alarm({
          AlarmDescription: `the fence of "${database}" is not complete: "lifeboat fence show" lists what is missing`,
          ...of(LEASE.gaps),
        }),
      ],
    ];
  });
}
