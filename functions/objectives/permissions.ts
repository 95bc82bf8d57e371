import {
  lookAtAutomatedBackups,
  lookAtReplicatedBackups,
} from '../../resources/automated-backup-permissions.ts';
import { allow, JOURNAL, listPart, type Statement } from '../../resources/iam.ts';
import { lookAtSnapshots } from '../../resources/snapshot-permissions.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { StackRole } from '../../shared/plan/stack-role.ts';

export function measureRpo(plan: Plan, role: StackRole): Statement[] {
  // In the standby Region it looks at what is there, and asks nothing of the primary one.
  const rds =
    role === 'standby'
      ? [...lookAtSnapshots(plan, ['standby']), ...lookAtReplicatedBackups(plan)]
      : [...lookAtSnapshots(plan, ['primary', 'standby']), ...lookAtAutomatedBackups(plan)];
  return [listPart('manifests'), allow(['dynamodb:Query'], [JOURNAL]), ...rds];
}
