import * as z from 'zod';
import { QueueInspected } from '../replay/step-answers.ts';

/** The state of the replay machine that looks into the queue. */
export const INSPECTION = 'Inspect the queue';

const Inspected = z.object({ Payload: QueueInspected.pick({ visible: true, shares: true }) });

/** How many messages a replay is to handle, by the output of its inspection; null if that does not say. */
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
