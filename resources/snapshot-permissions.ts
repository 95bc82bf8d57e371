import { DEPLOYMENT_TAG } from '../shared/backup/rds-snapshot/snapshot-tags.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../shared/plan/sections/backups.ts';
import { allow, type Statement } from './iam.ts';
import { rdsArn, useKeys } from './rds-permissions.ts';

type Role = 'primary' | 'standby';

/** The stack's name. Only snapshots with it in their tag can be made, copied or deleted. */
const STACK = { Ref: 'AWS::StackName' };

/** Allows seeing the plan's instances and every snapshot of these Regions: RDS filters by instance after it has authorized the call. */
export function lookAtSnapshots(plan: Plan, roles: readonly Role[]): Statement[] {
  const { keys } = snapshotsIn(plan);
  const instances = watchedInstances(plan);
  const regions = regionsOf(
    plan,
    roles.filter((role) => role === 'primary' || keys.length > 0),
  );
  if (instances.length === 0) return [];
  return [
    allow(
      ['rds:DescribeDBSnapshots'],
      regions.flatMap((region) => [
        rdsArn(region, 'snapshot:*'),
        ...instances.map((name) => rdsArn(region, `db:${name}`)),
      ]),
    ),
  ];
}

/** Allows taking snapshots of the plan's instances and copying them to the standby Region, with this deployment's tag and no other. */
export function takeSnapshots(plan: Plan): Statement[] {
  const { instances, keys } = snapshotsIn(plan);
  if (instances.length === 0) return [];
  const { primary, standby } = plan.regions;
  const ours = (region: string) => rdsArn(region, `snapshot:${prefixOf(plan)}*`);
  const tagged = { StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: STACK } };
  const copied = keys.length > 0 ? [ours(primary), ours(standby)] : [];
  return [
    allow(
      ['rds:DescribeDBInstances'],
      instances.map((name) => rdsArn(primary, `db:${name}`)),
    ),
    {
      ...allow(
        ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
        [ours(primary), ...instances.map((name) => rdsArn(primary, `db:${name}`))],
      ),
      Condition: tagged,
    },
    { ...allow(['rds:CopyDBSnapshot', 'rds:AddTagsToResource'], copied), Condition: tagged },
    ...useKeys(plan, keys),
  ];
}

/** Allows RDS to read the plan's snapshots in the primary Region, under whatever key their instance has. */
export function useSnapshotKeys(plan: Plan): Statement[] {
  return useKeys(plan, []);
}

/** Allows deleting snapshots of this deployment: by the beginning of their name, and by their tag. */
export function deleteSnapshots(plan: Plan): Statement[] {
  const { instances, keys } = snapshotsIn(plan);
  if (instances.length === 0) return [];
  const regions = regionsOf(plan, keys.length > 0 ? ['primary', 'standby'] : ['primary']);
  return [
    {
      ...allow(
        ['rds:DeleteDBSnapshot'],
        regions.map((region) => rdsArn(region, `snapshot:${prefixOf(plan)}*`)),
      ),
      Condition: { StringEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: STACK } },
    },
  ];
}

/** The instances that Lifeboat takes snapshots of, and the keys of the standby Region for their copies. */
function snapshotsIn({ databases }: Plan): { instances: string[]; keys: string[] } {
  const taken = Object.values(databases).flatMap(({ rds, backups }) =>
    Object.values(backups).flatMap((backup) =>
      rds && isTakenByLifeboat(backup) && 'rdsSnapshot' in backup ? [{ instance: rds.instance, backup }] : [],
    ),
  );
  return {
    instances: [...new Set(taken.map(({ instance }) => instance))],
    keys: [...new Set(taken.flatMap(({ backup }) => backup.rdsSnapshot.copyToStandby?.key ?? []))],
  };
}

/** The instances whose snapshots Lifeboat takes, or tells the age of. */
function watchedInstances({ databases }: Plan): string[] {
  return Object.values(databases).flatMap(({ rds, backups }) =>
    rds && Object.values(backups).some((backup) => 'rdsSnapshot' in backup) ? [rds.instance] : [],
  );
}

/** The names of snapshots are lower case, and that of a stack need not be. What follows the workload is told by the tag. */
function prefixOf({ workload }: Plan): string {
  return `lifeboat-${workload}-`.replace(/-+/g, '-');
}

function regionsOf({ regions }: Plan, roles: readonly Role[]): string[] {
  return roles.map((role) => regions[role]);
}
