import { allow, JOURNAL, readSecrets, type Statement } from '../../resources/iam.ts';
import { sourceSecrets } from '../../resources/plan-secrets.ts';
import { keepsMoments } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function writeHeartbeat(plan: Plan): Statement[] {
  return [
    ...readSecrets(sourceSecrets(plan)),
    // When it wrote, which a restore test of a moment is judged by.
    allow(['dynamodb:PutItem'], Object.values(plan.databases).some(keepsMoments) ? [JOURNAL] : []),
  ];
}
