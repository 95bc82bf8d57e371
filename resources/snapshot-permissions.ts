import { DEPLOYMENT_TAG } from '../shared/backup/rds-snapshot/snapshot-tags.ts';
import { type RdsSource, rdsSourceOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../shared/plan/sections/backups.ts';
import { allow, type Statement } from './iam.ts';
import { rdsArn, useKeys } from './rds-permissions.ts';

type Role = 'primary' | 'standby';

/** The stack's name. Only snapshots with it in their tag can be made, copied or deleted. */
const STACK = { Ref: 'AWS::StackName' };

/** What RDS calls things of an instance, and of a cluster. */
const CALLED = {
  instance: { resource: 'db', snapshot: 'snapshot', of: 'DBInstances', snapshots: 'DBSnapshots' },
  cluster: {
    resource: 'cluster',
    snapshot: 'cluster-snapshot',
    of: 'DBClusters',
    snapshots: 'DBClusterSnapshots',
  },
} as const satisfies Record<RdsSource['kind'], object>;

const KINDS = ['instance', 'cluster'] as const;

/** Allows seeing the plan's sources and every snapshot of these Regions: RDS filters by source after it has authorized the call. */
export function lookAtSnapshots(plan: Plan, roles: readonly Role[]): Statement[] {
  const { keys } = takenIn(plan);
  const regions = regionsOf(
    plan,
    roles.filter((role) => role === 'primary' || keys.length > 0),
  );
  return KINDS.flatMap((kind) => {
    const names = watchedSources(plan, kind);
    if (names.length === 0) return [];
    const { resource, snapshot, snapshots } = CALLED[kind];
    return allow(
      [`rds:Describe${snapshots}`],
      regions.flatMap((region) => [
        rdsArn(region, `${snapshot}:*`),
        ...names.map((name) => rdsArn(region, `${resource}:${name}`)),
      ]),
    );
  });
}

/** Allows taking snapshots of the plan's sources and copying them to the standby Region, with this deployment's tag and no other. */
export function takeSnapshots(plan: Plan): Statement[] {
  const { names, keys } = takenIn(plan);
  const { primary, standby } = plan.regions;
  const Condition = { StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: STACK } };
  const statements = KINDS.flatMap((kind) => {
    if (names[kind].length === 0) return [];
    const { resource, snapshot, of, snapshots } = CALLED[kind];
    const sources = names[kind].map((name) => rdsArn(primary, `${resource}:${name}`));
    const ours = (region: string) => rdsArn(region, `${snapshot}:${prefixOf(plan)}*`);
    const copied = keys.length > 0 ? [ours(primary), ours(standby)] : [];
    const one = snapshots.replace(/s$/, '');
    return [
      allow([`rds:Describe${of}`], sources),
      { ...allow([`rds:Create${one}`], [ours(primary), ...sources]), Condition },
      // Never on a source: a tag decides which instances a hand-over may change.
      { ...allow(['rds:AddTagsToResource'], [ours(primary)]), Condition },
      { ...allow([`rds:Copy${one}`, 'rds:AddTagsToResource'], copied), Condition },
    ];
  });
  return statements.length > 0 ? [...statements, ...useKeys(plan, keys)] : [];
}

/** Allows deleting snapshots of this deployment: by the beginning of their name, and by their tag. */
export function deleteSnapshots(plan: Plan): Statement[] {
  const { names, keys } = takenIn(plan);
  const regions = regionsOf(plan, keys.length > 0 ? ['primary', 'standby'] : ['primary']);
  return KINDS.filter((kind) => names[kind].length > 0).map((kind) => ({
    ...allow(
      [`rds:Delete${CALLED[kind].snapshots.replace(/s$/, '')}`],
      regions.map((region) => rdsArn(region, `${CALLED[kind].snapshot}:${prefixOf(plan)}*`)),
    ),
    Condition: { StringEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: STACK } },
  }));
}

/** What Lifeboat takes snapshots of, and the keys of the standby Region for their copies. */
function takenIn({ databases }: Plan): {
  names: Record<RdsSource['kind'], string[]>;
  keys: string[];
} {
  const taken = Object.values(databases).flatMap((database) => {
    const source = rdsSourceOf(database);
    return Object.values(database.backups).flatMap((backup) =>
      source && isTakenByLifeboat(backup) && 'rdsSnapshot' in backup ? [{ source, backup }] : [],
    );
  });
  const named = (kind: RdsSource['kind']) => [
    ...new Set(taken.flatMap(({ source }) => (source.kind === kind ? [source.name] : []))),
  ];
  return {
    names: { instance: named('instance'), cluster: named('cluster') },
    keys: [...new Set(taken.flatMap(({ backup }) => backup.rdsSnapshot.copyToStandby?.key ?? []))],
  };
}

/** The sources whose snapshots Lifeboat takes, or tells the age of. */
function watchedSources({ databases }: Plan, kind: RdsSource['kind']): string[] {
  return Object.values(databases).flatMap((database) => {
    const source = rdsSourceOf(database);
    const snapshots = Object.values(database.backups).some((backup) => 'rdsSnapshot' in backup);
    return source?.kind === kind && snapshots ? [source.name] : [];
  });
}

/** The names of snapshots are lower case, and that of a stack need not be. What follows the workload is told by the tag. */
function prefixOf({ workload }: Plan): string {
  return `lifeboat-${workload}-`.replace(/-+/g, '-');
}

function regionsOf({ regions }: Plan, roles: readonly Role[]): string[] {
  return roles.map((role) => regions[role]);
}
