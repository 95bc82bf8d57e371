import { readSecrets, type Statement } from '../../resources/iam.ts';
import { sourceSecrets } from '../../resources/plan-secrets.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function writeHeartbeat(plan: Plan): Statement[] {
  return [...readSecrets(sourceSecrets(plan))];
}
