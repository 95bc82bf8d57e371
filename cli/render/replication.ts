import type { ReplicationLag } from '../../shared/standby/replication-lag.ts';
import type { ReplicationSeen } from '../aws/replication.ts';
import type { Workload } from '../workload.ts';
import type { Row } from './plan-summary.ts';
import type { Screen } from './screen.ts';
import { createTable } from './table.ts';
import { took } from './words.ts';

/** Shows which recovery points are in the standby Region, and what is on its way. */
export function showReplication(
  screen: Screen,
  { deployment }: Workload,
  lags: readonly ReplicationSeen[] | null,
): void {
  if (lags === null) return;
  screen.line();
  screen.line(screen.paint('bold', `In the standby Region, ${deployment.replicatedTo}`));
  if (lags.length === 0) {
    screen.line('  no backup of the plan lies in the vault');
    return;
  }
  const cells = createTable(screen, ['database', 'backup', 'newest there whole', 'age', 'not there yet']);
  cells.push(...lags.map(replicationRow));
  screen.line(cells.shown());
}

/** How far one backup has come. */
export function replicationRow(seen: ReplicationSeen): Row {
  const { database, backup } = seen;
  if ('problem' in seen) return [database, backup, 'not known', '', seen.problem];
  const { replicated, waiting } = seen;
  return [
    database,
    backup,
    replicated?.id ?? 'none',
    replicated ? took(replicated.ageSeconds * 1000) : '',
    waiting ? waitingInWords(waiting) : 'nothing',
  ];
}

function waitingInWords({
  id,
  ageSeconds,
  pending,
  failed,
  notAskedFor,
}: NonNullable<ReplicationLag['waiting']>): string {
  const parts = [
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(notAskedFor > 0 ? [`${notAskedFor} older than the replication`] : []),
  ];
  return `${id}, ${took(ageSeconds * 1000)} old: ${parts.join(', ')}`;
}
