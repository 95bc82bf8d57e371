import { allow, JOURNAL, objectsOf, type Statement, VAULT_KEY } from '../../resources/iam.ts';

export function recordRun(): Statement[] {
  return [
    // A retry reads the evidence that an earlier attempt stored.
    allow(['s3:PutObject', 's3:PutObjectRetention', 's3:GetObject'], [objectsOf('evidence')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
    // Query: what was announced before, and which backup the run is of.
    allow(['dynamodb:UpdateItem', 'dynamodb:Query'], [JOURNAL]),
  ];
}
