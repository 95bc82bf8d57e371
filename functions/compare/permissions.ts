import { readSecrets, type Statement } from '../../resources/iam.ts';
import { databaseSecrets, restoreSecrets } from '../../resources/plan-secrets.ts';
import { connectionSecrets } from '../../shared/handover/connection-secret.ts';
import { databaseRestoresOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** The only function that may log in to a source and to its copies. It opens transactions that only read. */
export function compareCopy(plan: Plan): Statement[] {
  const places = databaseRestoresOf(plan).map(([, place]) => place);
  if (places.length === 0) return [];
  return readSecrets([
    ...restoreSecrets(plan),
    ...[...new Set(places.map(({ from }) => from.database))].map((name) => databaseSecrets(plan, name)),
    { names: [`${connectionSecrets(plan.workload)}*`], keys: [] },
  ]);
}
