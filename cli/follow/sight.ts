import { systemClock } from '../../shared/clock/clock.ts';
import { type Journal, recordKey } from '../../shared/journal/journal.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import type { Kind } from '../../shared/run/kind.ts';
import { KINDS, kindOf } from '../../shared/run/kinds.ts';
import { historyOf, stepFunctions } from '../../shared/status/step-functions.ts';
import { tallyOf } from '../../shared/status/tally.ts';
import type { Workload } from '../workload.ts';
import type { Sight } from './follow.ts';

/** A started run. */
export interface StartedRun {
  readonly machine: string;
  readonly runId: string;
  /** The first execution of the run. */
  readonly executionArn: string;
}

/** Observes a run: its history through Step Functions, and its progress where its tasks report it. */
export function sightOf(
  workload: Workload,
  run: StartedRun,
  kinds: readonly Kind[] = KINDS,
  executionArn = run.executionArn,
): Sight {
  const { progress } = kindOf(run.machine, kinds);
  return {
    history: () => historyOf(workload.clients.sfn, executionArn),
    progress: progress === 'workers' ? tallies(workload, run) : reports(workload.journal, run),
  };
}

/** The number of other runs that may open between the start of this run and the first read of the journal. */
const RECENT = 25;

function reports(journal: Journal, run: StartedRun): Sight['progress'] {
  let key: string | undefined;
  return async () => {
    if (key !== undefined) return (await journal.find(key))?.progress ?? null;
    // The machine names its record by its own start time, which StartExecution does not return exactly.
    const records = await journal.recent(RECENT);
    const record = records.find(({ runId }) => runId === run.runId);
    if (!record) return null;
    key = recordKey(run.machine, { runId: run.runId, runStartedAt: record.startedAt });
    return record.progress ?? null;
  };
}

function tallies(
  { clients, deployment, plan }: Workload,
  { runId, executionArn }: StartedRun,
): Sight['progress'] {
  const { workload } = plan;
  const accounts = accountStore(clients.dynamodb, deployment.journalTable, {
    workload,
    runId,
    clock: systemClock,
  });
  let expected: number | null | undefined;
  return async () => {
    const workers = await accounts.all();
    if (workers.length > 0 && expected === undefined)
      expected = await stepFunctions(clients.sfn).expectedMessages(executionArn);
    return tallyOf(workers, expected ?? null);
  };
}
