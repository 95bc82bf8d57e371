import {
  lookAtAutomatedBackups,
  replicateAutomatedBackups,
} from '../../resources/automated-backup-permissions.ts';
import {
  allow,
  JOURNAL,
  listPart,
  objectsOf,
  readSecrets,
  type Statement,
  VAULT,
  VAULT_KEY,
} from '../../resources/iam.ts';
import { sourceSecrets } from '../../resources/plan-secrets.ts';
import { deleteSnapshots, lookAtSnapshots, takeSnapshots } from '../../resources/snapshot-permissions.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function copyDatabase(plan: Plan): Statement[] {
  return [
    ...readSecrets(sourceSecrets(plan)),
    allow(['s3:PutObject', 's3:PutObjectRetention'], [objectsOf('recovery-points'), objectsOf('manifests')]),
    // Content is provisional until the manifest is written.
    allow(
      ['s3:AbortMultipartUpload', 's3:PutObjectTagging', 's3:DeleteObjectVersionTagging'],
      [objectsOf('recovery-points')],
    ),
    // An upload whose answer was lost is looked at by its checksum.
    allow(['s3:GetObject'], [objectsOf('recovery-points')]),
    // A retry reads the objects that an earlier attempt of the run completed.
    listPart('manifests'),
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function proveStored(): Statement[] {
  return [
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    // The version proves that the object exists, the retention that it is locked. Neither check reads its content.
    allow(['s3:GetObjectVersion', 's3:GetObjectRetention'], [objectsOf('recovery-points')]),
    // Without it S3 answers AccessDenied for a missing object.
    allow(['s3:ListBucket'], [VAULT]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
  ];
}

export function takeSnapshot(plan: Plan): Statement[] {
  return [...lookAtSnapshots(plan, ['primary', 'standby']), ...takeSnapshots(plan)];
}

export function proveSnapshot(plan: Plan): Statement[] {
  return lookAtSnapshots(plan, ['primary', 'standby']);
}

export function pruneSnapshots(plan: Plan): Statement[] {
  const deleting = deleteSnapshots(plan);
  if (deleting.length === 0) return [];
  // The journal says which is the newest verified one.
  return [
    ...lookAtSnapshots(plan, ['primary', 'standby']),
    ...deleting,
    allow(['dynamodb:Query'], [JOURNAL]),
  ];
}

export function keepPointInTime(plan: Plan): Statement[] {
  return [...lookAtAutomatedBackups(plan), ...replicateAutomatedBackups(plan)];
}
