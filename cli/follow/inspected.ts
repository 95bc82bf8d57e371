import { GetExecutionHistoryCommand, type SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { Share } from '../../shared/replay/worker/share.ts';

const STATE = 'Inspect the queue';

/** The inspection comes second; what a retried step adds before it is little. */
const FIRST_EVENTS = 50;

const Inspected = z.object({
  Payload: z.object({ visible: z.number(), shares: z.array(Share) }),
});

/** How many messages a replay is to deal with, as it found the queue and as it was asked; null where the history does not say. */
export async function expectedMessages(sfn: SFNClient, executionArn: string): Promise<number | null> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: true, maxResults: FIRST_EVENTS }),
  );
  const left = events.find(({ stateExitedEventDetails: exited }) => exited?.name === STATE);
  return expectedOf(left?.stateExitedEventDetails?.output);
}

/** Reads it from what the state answered. */
export function expectedOf(output: string | undefined): number | null {
  if (output === undefined) return null;
  const { data } = Inspected.safeParse(JSON.parse(output));
  if (!data) return null;
  const { visible, shares } = data.Payload;
  const asked = shares.map(({ max = Number.POSITIVE_INFINITY }) => max);
  return Math.min(
    visible,
    asked.reduce((total, max) => total + max, 0),
  );
}
