import { databaseOf, instanceTestsOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import {
  SCRATCH_INSTANCE_PREFIX,
  SCRATCH_TAG,
} from '../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { lookAtAutomatedBackups } from './automated-backup-permissions.ts';
import { allow, type Resource, type Statement, useKeys } from './iam.ts';
import { rdsArn } from './rds-permissions.ts';
import { useSnapshotKeys } from './snapshot-permissions.ts';

/** The stack's name. Only instances with it in their tag can be changed or deleted. */
const STACK = { Ref: 'AWS::StackName' };
const marked = { StringEquals: { [`aws:ResourceTag/${SCRATCH_TAG}`]: STACK } };

/** Allows making instances of this plan's snapshots: by the beginning of their name, and with the mark of this deployment. */
export function restoreScratchInstances(plan: Plan): Statement[] {
  if (!hasInstances(plan)) return [];
  const region = plan.regions.primary;
  return [
    allow(['rds:DescribeDBInstances'], [scratch(plan)]),
    {
      ...allow(
        ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:AddTagsToResource'],
        [
          scratch(plan),
          rdsArn(region, `snapshot:lifeboat-${plan.workload}-*`.replace(/-+/g, '-')),
          // Groups are named by the plan, or as the source had them when the snapshot was taken.
          ...['subgrp', 'pg', 'og'].map((kind) => rdsArn(region, `${kind}:*`)),
        ],
      ),
      Condition: { StringEquals: { [`aws:RequestTag/${SCRATCH_TAG}`]: STACK } },
    },
    ...useSnapshotKeys(plan),
  ];
}

/** Allows making instances of the moments of this plan's instances: by the beginning of their name, and with the mark of this deployment. */
export function restoreMoments(plan: Plan): Statement[] {
  const sources = instanceTestsOf(plan).flatMap(([, { from }]) => {
    const { rds, backups } = databaseOf(plan, from.database);
    const backup = backups[from.backup];
    return rds?.instance !== undefined && backup && 'pointInTime' in backup ? [rds.instance] : [];
  });
  if (sources.length === 0) return [];
  const region = plan.regions.primary;
  return [
    ...lookAtAutomatedBackups(plan),
    {
      ...allow(
        ['rds:RestoreDBInstanceToPointInTime', 'rds:AddTagsToResource'],
        [
          scratch(plan),
          ...[...new Set(sources)].map((name) => rdsArn(region, `db:${name}`)),
          // What RDS retains of a deleted instance.
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
export function changeScratchInstances(plan: Plan): Statement[] {
  if (!hasInstances(plan)) return [];
  const aliases = instanceTestsOf(plan).flatMap(([, { scratchInstance }]) => scratchInstance.kmsKey ?? []);
  return [
    { ...allow(['rds:ModifyDBInstance'], [scratch(plan)]), Condition: marked },
    allow(['secretsmanager:CreateSecret', 'secretsmanager:TagResource'], [managedSecrets(plan)]),
    useKeys(['kms:DescribeKey', 'kms:CreateGrant', 'kms:GenerateDataKey', 'kms:Decrypt'], aliases),
  ];
}

/** Allows deleting scratch instances of this deployment, and nothing else: by the beginning of their name, and by their tag. */
export function deleteScratchInstances(plan: Plan): Statement[] {
  if (!hasInstances(plan)) return [];
  return [
    allow(['rds:DescribeDBInstances'], [scratch(plan)]),
    { ...allow(['rds:DeleteDBInstance'], [scratch(plan)]), Condition: marked },
  ];
}

/** Allows seeing every instance of the Region: RDS has no way to list those of a prefix. */
export function listInstances(plan: Plan): Statement[] {
  return hasInstances(plan)
    ? [allow(['rds:DescribeDBInstances'], [rdsArn(plan.regions.primary, 'db:*')])]
    : [];
}

/**
 * Allows reading the master passwords of scratch instances. RDS names a secret by a random number, and says in a tag whose it is.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export function readInstanceLogins(plan: Plan): Statement[] {
  if (!hasInstances(plan)) return [];
  const aliases = instanceTestsOf(plan).flatMap(([, { scratchInstance }]) => scratchInstance.kmsKey ?? []);
  return [
    {
      ...allow(['secretsmanager:GetSecretValue'], [managedSecrets(plan)]),
      Condition: {
        StringLike: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': scratch(plan) },
      },
    },
    useKeys(['kms:Decrypt'], aliases),
  ];
}

function hasInstances(plan: Plan): boolean {
  return instanceTestsOf(plan).length > 0;
}

function scratch({ regions }: Plan): Resource {
  return rdsArn(regions.primary, `db:${SCRATCH_INSTANCE_PREFIX}*`);
}

function managedSecrets({ regions }: Plan): Resource {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:${regions.primary}:\${AWS::AccountId}:secret:rds!db-*`,
  };
}
