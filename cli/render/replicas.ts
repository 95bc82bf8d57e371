import { formatDuration } from '../../shared/plan/values/duration.ts';
import type { ReplicaSeen } from '../aws/replicas.ts';
import type { Workload } from '../workload.ts';
import type { Row } from './plan-summary.ts';
import type { Screen } from './screen.ts';
import { createTable } from './table.ts';
import { took } from './words.ts';

/** Shows what the promotion of each read replica would lose. Nothing where the plan has none. */
export function showReplicas(
  screen: Screen,
  { plan }: Workload,
  replicas: readonly ReplicaSeen[] | null,
): void {
  if (replicas === null || replicas.length === 0) return;
  screen.line();
  screen.line(screen.paint('bold', `If ${plan.regions.primary} failed now and a replica were promoted`));
  const cells = createTable(screen, [
    'database',
    'replica',
    'in',
    'lost, at most',
    'RPO of the plan',
    'problem',
  ]);
  cells.push(...replicas.map(replicaRow));
  screen.line(cells.shown());
}

/** What the promotion of one replica would lose. */
export function replicaRow(seen: ReplicaSeen): Row {
  const place = [seen.database, seen.replica, seen.region];
  if (!('lossSeconds' in seen)) return [...place, 'not known', '', seen.problem];
  const { lossSeconds, targetSeconds, met, problem } = seen;
  const judged = met === null ? 'any loss' : met ? 'met' : 'MISSED';
  return [
    ...place,
    lossSeconds === null ? 'not known' : took(Math.round(lossSeconds) * 1000),
    targetSeconds === null ? judged : `${formatDuration(targetSeconds * 1000)}: ${judged}`,
    problem ?? 'none',
  ];
}
