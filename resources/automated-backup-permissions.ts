import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../shared/plan/sections/backups.ts';
import { allow, type Statement } from './iam.ts';
import { rdsArn, useKeys } from './rds-permissions.ts';

/** Allows seeing the plan's instances, and all automated backups. */
export function lookAtAutomatedBackups(plan: Plan): Statement[] {
  const { instances } = lookedAfter(plan);
  if (instances.length === 0) return [];
  const { primary } = plan.regions;
  return [
    allow(
      ['rds:DescribeDBInstances'],
      instances.map((name) => rdsArn(primary, `db:${name}`)),
    ),
    // It lists those of deleted instances as well, and filters by instance after it has authorized the call.
    allow(['rds:DescribeDBInstanceAutomatedBackups'], ['*']),
  ];
}

/** Allows seeing the copies of automated backups, from the Region where they are. */
export function lookAtReplicatedBackups(plan: Plan): Statement[] {
  const { replicated } = lookedAfter(plan);
  return replicated.length === 0 ? [] : [allow(['rds:DescribeDBInstanceAutomatedBackups'], ['*'])];
}

/** Allows replicating the automated backups of the plan's instances to the standby Region. Nothing allows stopping that. */
export function replicateAutomatedBackups(plan: Plan): Statement[] {
  const { replicated, keys } = lookedAfter(plan);
  if (replicated.length === 0) return [];
  const { primary, standby } = plan.regions;
  return [
    allow(
      ['rds:StartDBInstanceAutomatedBackupsReplication'],
      [...replicated.map((name) => rdsArn(primary, `db:${name}`)), rdsArn(standby, 'auto-backup:*')],
    ),
    ...useKeys(plan, keys),
  ];
}

/** The instances whose automated backups Lifeboat looks after, those that are replicated, and the keys for that. */
function lookedAfter({ databases }: Plan): { instances: string[]; replicated: string[]; keys: string[] } {
  const found = Object.values(databases).flatMap(({ rds, backups }) =>
    Object.values(backups).flatMap((backup) =>
      rds?.instance !== undefined && isTakenByLifeboat(backup) && 'pointInTime' in backup
        ? [{ instance: rds.instance, key: backup.pointInTime.copyToStandby?.key }]
        : [],
    ),
  );
  return {
    instances: [...new Set(found.map(({ instance }) => instance))],
    replicated: [...new Set(found.flatMap(({ instance, key }) => (key ? [instance] : [])))],
    keys: [...new Set(found.flatMap(({ key }) => key ?? []))],
  };
}
