import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { classifyServiceError } from '../aws/service-error.ts';
import { readHistory } from './execution-events.ts';
import { executionStateOf } from './execution-state.ts';
import type { Executions } from './executions.ts';
import { expectedOf, INSPECTION } from './expected-messages.ts';

/** The inspection comes second; what a retried step adds before it is little. */
const FIRST_EVENTS = 50;

/** The executions that Step Functions remembers. It forgets them 90 days after their end. */
export function stepFunctions(sfn: SFNClient): Executions {
  return {
    async stateOf(first) {
      try {
        for (let execution = first; ; ) {
          const executionState = executionStateOf(readHistory(await historyOf(sfn, execution)));
          const next = executionState.kind === 'running' ? null : await continuationOf(sfn, execution);
          if (next === null) return executionState;
          execution = next;
        }
      } catch (error) {
        if (classifyServiceError(error) === 'missing') return { kind: 'forgotten' };
        throw error;
      }
    },
    async expectedMessages(executionArn) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({
          executionArn,
          includeExecutionData: true,
          maxResults: FIRST_EVENTS,
        }),
      );
      const left = events.find(({ stateExitedEventDetails: exited }) => exited?.name === INSPECTION);
      return expectedOf(left?.stateExitedEventDetails?.output);
    },
  };
}

/** The whole history of an execution so far, without what its states were told and answered. */
export async function historyOf(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const query = { executionArn, includeExecutionData: false, maxResults: 1000 };
  for await (const page of paginateGetExecutionHistory({ client: sfn }, query))
    events.push(...(page.events ?? []));
  return events;
}

const Continued = z.object({ continuedBy: z.string() });

/** The execution that continues the run after this one; null if the run ended with it. */
export async function continuationOf(sfn: SFNClient, executionArn: string): Promise<string | null> {
  const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'SUCCEEDED' || output === undefined) return null;
  return Continued.safeParse(JSON.parse(output)).data?.continuedBy ?? null;
}
