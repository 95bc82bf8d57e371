import type { FenceAnswer } from '../../shared/lease/step-answers.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';

/** What a fence is like, as `--json` prints it too. */
export type FenceShown = FenceAnswer & { readonly database: string };

const LEASES = {
  running: 'runs until',
  over: 'ended at',
  ended: 'was ended by a failover',
  lifted: 'was lifted: writes are accepted without one',
} as const;

/** Shows the fence of a database: the lease, what is missing, and what each table answered. */
export function showFence(screen: Screen, { database, installed, lease, gaps, trials }: FenceShown): void {
  screen.line(shown`${database}: ${installed ? 'fenced by a lease' : 'not fenced'}`);
  if (lease) screen.line(shown`The lease ${LEASES[lease.state]}${lease.until ? ` ${lease.until}` : ''}.`);
  for (const gap of gaps) screen.line(shown`Missing: ${gap}`);
  for (const { table, outcome, said } of trials) screen.line(shown`${table}: ${outcome} (${said})`);
}
