import type { JournalRecord } from '../../shared/journal/journal.ts';
import { QueueForbidden, QueueMissing } from '../../shared/replay/queue/dead-letter-queue.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import type { Workload } from '../workload.ts';

/** How a dead-letter queue of the plan stands. */
export interface QueueStanding {
  readonly queue: string;
  readonly deadLetters: string;
  /** Messages in it, by SQS's approximation; where it cannot be looked into, why. */
  readonly depth: { readonly visible: number; readonly hidden: number } | { readonly problem: string };
  /** The last replay that ended and was no dry run. */
  readonly lastReplay: JournalRecord | null;
}

/** Looks into every dead-letter queue of the plan. One that cannot be looked into does not hide the others. */
export function gatherQueues(
  { plan, clients }: Workload,
  recent: readonly JournalRecord[],
): Promise<QueueStanding[]> {
  return Promise.all(
    Object.entries(plan.replays).map(async ([queue, { deadLetters }]) => ({
      queue,
      deadLetters,
      depth: await depthOf(clients.sqs, deadLetters),
      lastReplay: lastReplay(recent, queue),
    })),
  );
}

async function depthOf(sqs: Workload['clients']['sqs'], name: string): Promise<QueueStanding['depth']> {
  try {
    const { visible, inFlight, delayed } = await (await sqsQueue(sqs, name)).inspect();
    return { visible, hidden: inFlight + delayed };
  } catch (error) {
    if (error instanceof QueueMissing || error instanceof QueueForbidden) return { problem: error.message };
    throw error;
  }
}

/** The newest replay of a queue that did something. */
export function lastReplay(recent: readonly JournalRecord[], queue: string): JournalRecord | null {
  const nothingDone = new Set(['running', 'dry-run']);
  return (
    recent.find(
      ({ machine, subject, status }) => machine === 'replay' && subject === queue && !nothingDone.has(status),
    ) ?? null
  );
}
