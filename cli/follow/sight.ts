import { type HistoryEvent, paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';
import { type Journal, recordKey } from '../../shared/journal/journal.ts';
import type { Machine } from '../../shared/journal/machine.ts';
import type { Sight } from './follow.ts';

/** A run that was started. */
export interface StartedRun {
  readonly machine: Machine;
  readonly runId: string;
  readonly executionArn: string;
}

/** Runs that may be opened between the start of ours and the first look at the journal. */
const RECENT = 25;

/** Looks at a run through Step Functions and the journal. */
export function sightOf(sfn: SFNClient, journal: Journal, run: StartedRun): Sight {
  let key: string | undefined;
  return {
    async history() {
      const events: HistoryEvent[] = [];
      const query = { executionArn: run.executionArn, includeExecutionData: false, maxResults: 1000 };
      for await (const page of paginateGetExecutionHistory({ client: sfn }, query))
        events.push(...(page.events ?? []));
      return events;
    },
    async progress() {
      if (key === undefined) {
        // The machine names its record by its own start time, which the caller of StartExecution is not told exactly.
        const records = await journal.recent(RECENT);
        const record = records.find(({ runId }) => runId === run.runId);
        if (!record) return null;
        key = recordKey(run.machine, { runId: run.runId, runStartedAt: record.startedAt });
        return record.progress ?? null;
      }
      return (await journal.find(key))?.progress ?? null;
    },
  };
}
