import {
  allow,
  JOURNAL,
  listPart,
  listVersions,
  objectsOf,
  readSecrets,
  type Statement,
  VAULT,
  VAULT_KEY,
} from '../../resources/iam.ts';
import { scratchSecrets } from '../../resources/plan-secrets.ts';
import type { Plan } from '../../shared/plan/schema.ts';

// No function of a restore test can read the login of a source: a test never touches what it tests.

export function chooseRecoveryPoint(): Statement[] {
  return [
    listPart('manifests'),
    // What a delete marker hides, and whether its lock still holds.
    listVersions('manifests'),
    allow(['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectRetention'], [objectsOf('manifests')]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
  ];
}

export function createScratch(plan: Plan): Statement[] {
  return [
    ...readSecrets(scratchSecrets(plan)),
    // The manifest gives the locale and encoding of the scratch database.
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
  ];
}

export function loadScratch(plan: Plan): Statement[] {
  return [
    ...readSecrets(scratchSecrets(plan)),
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    // Without it S3 answers AccessDenied for a missing object.
    allow(['s3:ListBucket'], [VAULT]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function validateRestore(plan: Plan): Statement[] {
  return [
    ...readSecrets(scratchSecrets(plan)),
    allow(['s3:GetObject'], [objectsOf('manifests'), objectsOf('evidence')]),
    // If the restored schema differs, the stored one is read to list the differences.
    allow(['s3:GetObjectVersion'], [objectsOf('recovery-points')]),
    allow(['s3:PutObject', 's3:PutObjectRetention'], [objectsOf('evidence')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

export function dropScratch(plan: Plan): Statement[] {
  return [...readSecrets(scratchSecrets(plan))];
}

export function sweepScratch(plan: Plan): Statement[] {
  return [...readSecrets(scratchSecrets(plan))];
}
