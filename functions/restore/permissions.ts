import {
  lookAtAutomatedBackups,
  lookAtReplicatedBackups,
} from '../../resources/automated-backup-permissions.ts';
import {
  allow,
  JOURNAL,
  keepSecrets,
  listPart,
  listVersions,
  objectsOf,
  readSecrets,
  type Statement,
  VAULT,
  VAULT_KEY,
} from '../../resources/iam.ts';
import {
  changeScratchInstances,
  createEmptyInstances,
  deleteScratchInstances,
  handOverInstances,
  listInstances,
  lookAtNames,
  readInstanceLogins,
  restoreMoments,
  restoreScratchInstances,
} from '../../resources/instance-permissions.ts';
import {
  copySecrets,
  emptyInstanceAuthorities,
  instanceAuthorities,
  restoreSecrets,
} from '../../resources/plan-secrets.ts';
import { regionRoleOfStack } from '../../resources/rds-permissions.ts';
import { lookAtSnapshots } from '../../resources/snapshot-permissions.ts';
import { connectionSecrets } from '../../shared/handover/connection-secret.ts';
import {
  databaseRestoresOf,
  emptyInstanceTestsOf,
  instanceRestoresOf,
  storedInstancePlacesOf,
} from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { StackRole } from '../../shared/plan/stack-role.ts';

// No function of a restore can read the login of a source: a restore never touches what it restores.

export function chooseRecoveryPoint(plan: Plan, role: StackRole): Statement[] {
  const moments = role === 'standby' ? lookAtReplicatedBackups : lookAtAutomatedBackups;
  return [
    ...(storedInstancePlacesOf(plan).length > 0
      ? [...lookAtSnapshots(plan, [regionRoleOfStack(role)]), ...moments(plan)]
      : []),
    listPart('manifests'),
    // What a delete marker hides, and whether its lock still holds.
    listVersions('manifests'),
    allow(['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectRetention'], [objectsOf('manifests')]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // Which ones a restore test verified.
    allow(['dynamodb:Query'], [JOURNAL]),
  ];
}

/** The servers that a logical backup is loaded into: those of the plan, and instances of the run. */
function logIn(plan: Plan, role: StackRole): Statement[] {
  const secrets = [...copySecrets(plan), ...emptyInstanceAuthorities(plan)];
  return [
    ...readSecrets(secrets),
    ...(emptyInstanceTestsOf(plan).length > 0 ? readInstanceLogins(plan, role) : []),
  ];
}

export function createScratch(plan: Plan, role: StackRole): Statement[] {
  return [
    ...logIn(plan, role),
    // The manifest gives the locale and encoding of the scratch database.
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
  ];
}

export function loadScratch(plan: Plan, role: StackRole): Statement[] {
  return [
    ...logIn(plan, role),
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    // Without it S3 answers AccessDenied for a missing object.
    allow(['s3:ListBucket'], [VAULT]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function validateRestore(plan: Plan, role: StackRole): Statement[] {
  return [
    ...logIn(plan, role),
    allow(['s3:GetObject'], [objectsOf('manifests'), objectsOf('evidence')]),
    // If the restored schema differs, the stored one is read to list the differences.
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    allow(['s3:PutObject', 's3:PutObjectRetention'], [objectsOf('evidence')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function handOver(plan: Plan): Statement[] {
  return [
    ...readSecrets(restoreSecrets(plan)),
    // The owner, the grants and the settings that the source had.
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    // Without it S3 answers AccessDenied for a missing object.
    allow(['s3:ListBucket'], [VAULT]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // It writes connection details and cannot read them back.
    ...keepSecrets(databaseRestoresOf(plan).length > 0 ? [connectionSecrets(plan.workload)] : []),
  ];
}

export function dropScratch(plan: Plan): Statement[] {
  return [...readSecrets(copySecrets(plan))];
}

export function sweepScratch(plan: Plan): Statement[] {
  return [...readSecrets(copySecrets(plan))];
}

export function restoreInstance(plan: Plan, role: StackRole): Statement[] {
  const makesOfStored = storedInstancePlacesOf(plan).length > 0;
  const makesEmpty = emptyInstanceTestsOf(plan).length > 0;
  return [
    ...(makesOfStored
      ? [
          ...lookAtSnapshots(plan, [regionRoleOfStack(role)]),
          ...restoreScratchInstances(plan, role),
          ...restoreMoments(plan, role),
          ...lookAtNames(plan, role),
          ...changeScratchInstances(plan, role),
        ]
      : []),
    // The manifest says how large an empty instance is, and of which version.
    ...(makesEmpty
      ? [
          ...createEmptyInstances(plan, role),
          allow(['s3:GetObject'], [objectsOf('manifests')]),
          allow(['kms:Decrypt'], [VAULT_KEY]),
        ]
      : []),
  ];
}

export function readInstance(plan: Plan, role: StackRole): Statement[] {
  if (storedInstancePlacesOf(plan).length === 0) return [];
  return [...readInstanceLogins(plan, role), ...readSecrets(instanceAuthorities(plan))];
}

export function validateInstance(plan: Plan, role: StackRole): Statement[] {
  if (storedInstancePlacesOf(plan).length === 0) return [];
  return [
    ...readInstance(plan, role),
    // A logical backup of a near moment.
    listPart('manifests'),
    allow(['s3:GetObject'], [objectsOf('manifests'), objectsOf('evidence')]),
    allow(['s3:PutObject', 's3:PutObjectRetention'], [objectsOf('evidence')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function deleteInstance(plan: Plan, role: StackRole): Statement[] {
  return deleteScratchInstances(plan, role);
}

export function sweepInstances(plan: Plan, role: StackRole): Statement[] {
  return [...listInstances(plan, role), ...deleteScratchInstances(plan, role)];
}

export function handOverInstance(plan: Plan, role: StackRole): Statement[] {
  return [
    ...handOverInstances(plan, role),
    // It writes connection details and cannot read them back.
    ...keepSecrets(instanceRestoresOf(plan).length > 0 ? [connectionSecrets(plan.workload)] : []),
  ];
}
