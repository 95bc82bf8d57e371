import {
  databaseOf,
  emptyInstanceTestsOf,
  instancePlacesOf,
  instanceRestoresOf,
  storedInstancePlacesOf,
} from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat, type OwnBackup } from '../shared/plan/sections/backups.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import {
  SCRATCH_INSTANCE_PREFIX,
  SCRATCH_TAG,
} from '../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { lookAtAutomatedBackups, lookAtReplicatedBackups } from './automated-backup-permissions.ts';
import { allow, type Resource, type Statement, useKeys } from './iam.ts';
import { rdsArn, regionRoleOfStack, useCopyKeys, useSourceKeys } from './rds-permissions.ts';

/** The stack's name. Only instances with it in their tag can be changed or deleted. */
const STACK = { Ref: 'AWS::StackName' };
const marked = { StringEquals: { [`aws:ResourceTag/${SCRATCH_TAG}`]: STACK } };

/**
 * Allows making instances of this plan's snapshots: by the beginning of their name, and with the mark of this deployment. Like all
 * that follows, in the Region of the stack.
 */
export function restoreScratchInstances(plan: Plan, role: StackRole): Statement[] {
  if (storedInstancePlacesOf(plan).length === 0) return [];
  const region = regionOf(plan, role);
  return [
    allow(['rds:DescribeDBInstances'], [scratch(plan, role)]),
    {
      ...allow(
        ['rds:RestoreDBInstanceFromDBSnapshot'],
        [
          scratch(plan, role),
          rdsArn(region, `snapshot:lifeboat-${plan.workload}-*`.replace(/-+/g, '-')),
          // Groups are named by the plan, or as the source had them when the snapshot was taken.
          ...['subgrp', 'pg', 'og'].map((kind) => rdsArn(region, `${kind}:*`)),
        ],
      ),
      Condition: { StringEquals: { [`aws:RequestTag/${SCRATCH_TAG}`]: STACK } },
    },
    tagNewInstances(plan, role),
    role === 'standby' ? useCopyKeys(plan, copyKeys(plan)) : useSourceKeys(plan),
  ];
}

/**
 * Allows creating empty instances: by the beginning of their name, with the mark of this deployment, and in the groups that the plan
 * names. RDS keeps the master password in a secret that it makes on behalf of the caller.
 */
export function createEmptyInstances(plan: Plan, role: StackRole): Statement[] {
  const shapes = emptyInstanceTestsOf(plan).map(([, { scratchInstance }]) => scratchInstance);
  if (shapes.length === 0) return [];
  // In the standby Region a test without groups of that Region is refused before RDS is asked.
  const inRegion = shapes.flatMap((shape) => (role === 'standby' ? (shape.standby ?? []) : shape));
  const groups = inRegion.flatMap(({ subnetGroup, parameterGroup, optionGroup }) => [
    `subgrp:${subnetGroup}`,
    `pg:${parameterGroup ?? 'default.postgres*'}`,
    `og:${optionGroup ?? 'default:postgres-*'}`,
  ]);
  return [
    allow(['rds:DescribeDBInstances'], [scratch(plan, role)]),
    {
      ...allow(
        ['rds:CreateDBInstance'],
        [scratch(plan, role), ...[...new Set(groups)].map((group) => rdsArn(regionOf(plan, role), group))],
      ),
      Condition: { StringEquals: { [`aws:RequestTag/${SCRATCH_TAG}`]: STACK } },
    },
    tagNewInstances(plan, role),
    allow(['secretsmanager:CreateSecret', 'secretsmanager:TagResource'], [managedSecrets(plan, role)]),
    // For the storage and for the secret.
    useKeys(
      [
        'kms:DescribeKey',
        'kms:CreateGrant',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:Decrypt',
      ],
      shapes.flatMap(({ kmsKey }) => kmsKey ?? []),
    ),
  ];
}

/** Tags come with the request that makes an instance. Never on a source: what has the mark may be changed by a hand-over. */
function tagNewInstances(plan: Plan, role: StackRole): Statement {
  return {
    ...allow(['rds:AddTagsToResource'], [scratch(plan, role)]),
    Condition: { StringEquals: { [`aws:RequestTag/${SCRATCH_TAG}`]: STACK } },
  };
}

/** Allows making instances of the moments of this plan's instances: by the beginning of their name, and with the mark of this deployment. */
export function restoreMoments(plan: Plan, role: StackRole): Statement[] {
  const sources = restored(plan).flatMap(({ instance, backup }) =>
    instance !== undefined && 'pointInTime' in backup ? [instance] : [],
  );
  if (sources.length === 0) return [];
  const region = regionOf(plan, role);
  return [
    ...(role === 'standby' ? lookAtReplicatedBackups(plan) : lookAtAutomatedBackups(plan)),
    {
      ...allow(
        ['rds:RestoreDBInstanceToPointInTime'],
        [
          scratch(plan, role),
          ...(role === 'standby' ? [] : [...new Set(sources)].map((name) => rdsArn(region, `db:${name}`))),
          // What RDS retains of a deleted instance, or copied to this Region.
          rdsArn(region, 'auto-backup:*'),
          ...['subgrp', 'pg', 'og'].map((kind) => rdsArn(region, `${kind}:*`)),
        ],
      ),
      Condition: { StringEquals: { [`aws:RequestTag/${SCRATCH_TAG}`]: STACK } },
    },
  ];
}

/**
 * Allows giving scratch instances a master password of their own. RDS makes the secret on behalf of the caller.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
 */
export function changeScratchInstances(plan: Plan, role: StackRole): Statement[] {
  if (storedInstancePlacesOf(plan).length === 0) return [];
  const aliases = storedInstancePlacesOf(plan).flatMap(({ shape }) => shape.kmsKey ?? []);
  return [
    { ...allow(['rds:ModifyDBInstance'], [scratch(plan, role)]), Condition: marked },
    allow(['secretsmanager:CreateSecret', 'secretsmanager:TagResource'], [managedSecrets(plan, role)]),
    useKeys(['kms:DescribeKey', 'kms:CreateGrant', 'kms:GenerateDataKey', 'kms:Decrypt'], aliases),
  ];
}

/** Allows deleting scratch instances of this deployment, and nothing else: by the beginning of their name, and by their tag. */
export function deleteScratchInstances(plan: Plan, role: StackRole): Statement[] {
  if (!hasInstances(plan)) return [];
  return [
    allow(['rds:DescribeDBInstances'], [scratch(plan, role)]),
    { ...allow(['rds:DeleteDBInstance'], [scratch(plan, role)]), Condition: marked },
  ];
}

/**
 * Allows giving an instance of this deployment its name, and completing it under that name: it has the mark until the last step, and
 * loses it there. No other instance can be given the mark, and none that lost it can be changed any more.
 */
export function handOverInstances(plan: Plan, role: StackRole): Statement[] {
  if (instanceRestoresOf(plan).length === 0) return [];
  const any = rdsArn(regionOf(plan, role), 'db:*');
  return [
    allow(['rds:DescribeDBInstances'], [any]),
    {
      ...allow(['rds:ModifyDBInstance', 'rds:AddTagsToResource', 'rds:RemoveTagsFromResource'], [any]),
      Condition: marked,
    },
  ];
}

/** Allows looking whether the name that an instance is to get is taken. */
export function lookAtNames(plan: Plan, role: StackRole): Statement[] {
  return instanceRestoresOf(plan).length > 0
    ? [allow(['rds:DescribeDBInstances'], [rdsArn(regionOf(plan, role), 'db:*')])]
    : [];
}

/** Allows seeing every instance of the Region: RDS has no way to list those of a prefix. */
export function listInstances(plan: Plan, role: StackRole): Statement[] {
  return hasInstances(plan)
    ? [allow(['rds:DescribeDBInstances'], [rdsArn(regionOf(plan, role), 'db:*')])]
    : [];
}

/**
 * Allows reading the master passwords of scratch instances. RDS names a secret by a random number, and says in a tag whose it is.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export function readInstanceLogins(plan: Plan, role: StackRole): Statement[] {
  if (!hasInstances(plan)) return [];
  const aliases = instancePlacesOf(plan).flatMap(({ shape }) => shape.kmsKey ?? []);
  return [
    {
      ...allow(['secretsmanager:GetSecretValue'], [managedSecrets(plan, role)]),
      Condition: {
        StringLike: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': scratch(plan, role) },
      },
    },
    useKeys(['kms:Decrypt'], aliases),
  ];
}

function hasInstances(plan: Plan): boolean {
  return instancePlacesOf(plan).length > 0;
}

/** The backups that are restored into instances, and what they are of. */
function restored(plan: Plan): { instance: string | undefined; backup: OwnBackup }[] {
  return storedInstancePlacesOf(plan).flatMap(({ from }) => {
    const { rds, backups } = databaseOf(plan, from.database);
    const backup = backups[from.backup];
    return backup && isTakenByLifeboat(backup) ? [{ instance: rds?.instance, backup }] : [];
  });
}

/** The keys of the standby Region that the copies have which are restored there. */
function copyKeys(plan: Plan): string[] {
  const keys = restored(plan).flatMap(({ backup }) => {
    if ('rdsSnapshot' in backup) return backup.rdsSnapshot.copyToStandby?.key ?? [];
    return 'pointInTime' in backup ? (backup.pointInTime.copyToStandby?.key ?? []) : [];
  });
  return [...new Set(keys)];
}

function regionOf(plan: Plan, role: StackRole): string {
  return plan.regions[regionRoleOfStack(role)];
}

function scratch(plan: Plan, role: StackRole): Resource {
  return rdsArn(regionOf(plan, role), `db:${SCRATCH_INSTANCE_PREFIX}*`);
}

function managedSecrets(plan: Plan, role: StackRole): Resource {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:${regionOf(plan, role)}:\${AWS::AccountId}:secret:rds!db-*`,
  };
}
