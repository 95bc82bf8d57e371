import { lookAtAutomatedBackups } from '../../resources/automated-backup-permissions.ts';
import { allow, JOURNAL, listPart, type Statement } from '../../resources/iam.ts';
import { lookAtSnapshots } from '../../resources/snapshot-permissions.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function measureRpo(plan: Plan): Statement[] {
  return [
    listPart('manifests'),
    allow(['dynamodb:Query'], [JOURNAL]),
    ...lookAtSnapshots(plan, ['primary', 'standby']),
    ...lookAtAutomatedBackups(plan),
  ];
}
