import {
  allow,
  JOURNAL,
  listPart,
  listVersions,
  objectsOf,
  type Statement,
  VAULT,
  VAULT_KEY,
} from '../../resources/iam.ts';

// No function of it can reach a database: what is read is compared with what was written about it.

export function chooseToRead(): Statement[] {
  return [
    listPart('manifests'),
    // What a delete marker hides, and whether its lock still holds.
    listVersions('manifests'),
    listVersions('recovery-points'),
    allow(
      ['s3:GetObjectVersion', 's3:GetObjectRetention'],
      [objectsOf('manifests'), objectsOf('recovery-points')],
    ),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // When each was read before.
    allow(['dynamodb:Query'], [JOURNAL]),
  ];
}

export function readRecoveryPoint(): Statement[] {
  return [
    allow(['s3:GetObject'], [objectsOf('manifests')]),
    allow(['s3:GetObjectVersion', 's3:GetObjectRetention'], [objectsOf('recovery-points')]),
    // Without it S3 answers AccessDenied for a missing object.
    allow(['s3:ListBucket'], [VAULT]),
    allow(['kms:Decrypt'], [VAULT_KEY]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

/** All that the vault must refuse is allowed here, on objects made for it: a refusal is then the vault's own. */
export function tryToChange(): Statement[] {
  return [
    allow(
      [
        's3:PutObject',
        's3:PutObjectRetention',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:BypassGovernanceRetention',
      ],
      [objectsOf('probes')],
    ),
    allow(['kms:GenerateDataKey'], [VAULT_KEY]),
  ];
}
