import type { JournalRecord } from '../journal/journal.ts';
import type { Plan } from '../plan/schema.ts';
import { type DeadLetterQueue, QueueForbidden, QueueMissing } from '../replay/queue/dead-letter-queue.ts';

/** How a dead-letter queue of the plan stands. */
export interface QueueStatus {
  readonly queue: string;
  readonly deadLetters: string;
  /** Messages in it, by SQS's approximation; or the reason why they cannot be counted. */
  readonly depth: { readonly visible: number; readonly hidden: number } | { readonly problem: string };
  /** The last replay that ended and was no dry run. */
  readonly lastReplay: JournalRecord | null;
}

/** Opens a dead-letter queue by its name in AWS. @throws QueueMissing, QueueForbidden */
export type OpenQueue = (name: string) => Promise<Pick<DeadLetterQueue, 'inspect'>>;

/** Looks into every dead-letter queue of the plan. One that cannot be looked into does not hide the others. */
export function gatherQueues(
  { plan, openQueue }: { readonly plan: Pick<Plan, 'replays'>; readonly openQueue: OpenQueue },
  recent: readonly JournalRecord[],
): Promise<QueueStatus[]> {
  return Promise.all(
    Object.entries(plan.replays).map(async ([queue, { deadLetters }]) => ({
      queue,
      deadLetters,
      depth: await depthOf(openQueue, deadLetters),
      lastReplay: lastReplay(recent, queue),
    })),
  );
}

async function depthOf(openQueue: OpenQueue, name: string): Promise<QueueStatus['depth']> {
  try {
    const { visible, inFlight, delayed } = await (await openQueue(name)).inspect();
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
