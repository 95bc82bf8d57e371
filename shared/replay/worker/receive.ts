import type { InFlight } from '../../concurrency/in-flight.ts';
import type { ReceivedMessage } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';
import type { Endings } from './endings.ts';
import type { SendingPolicy } from './sending-policy.ts';

export interface ReceivePorts {
  readonly queue: Pick<DeadLetterQueue, 'receive'>;
  readonly policy: Pick<SendingPolicy, 'held' | 'room'>;
  readonly inFlight: InFlight;
  readonly endings: Pick<Endings, 'signal' | 'end' | 'onError'>;
  /** Begins to work on a message. */
  readonly work: (received: ReceivedMessage) => Promise<void>;
}

/** When it may wait, SQS asks all its servers. Only then does an empty answer mean an empty queue. */
const WAIT_MS = 1_000;

/**
 * Receives messages while the worker may hold more, until it ends. It ends the worker itself when the queue is empty, or when
 * the worker has taken as many messages as it was asked for and finished them.
 *
 * @param hiddenMs for how long the messages are hidden
 * @throws QueueMissing, QueueForbidden; the signal's reason
 */
export async function receive(
  { queue, policy, inFlight, endings, work }: ReceivePorts,
  hiddenMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (let taken = 0; !endings.signal.aborted; ) {
    if (inFlight.count() >= policy.held) {
      await inFlight.next();
      continue;
    }
    const max = policy.room(taken);
    if (max <= 0) {
      await inFlight.idle();
      return endings.end('count', `it took as many as it was asked for, ${taken}`);
    }
    const batch = await queue.receive({ max, waitMs: WAIT_MS, hiddenMs, signal });
    taken += batch.length;
    for (const received of batch) inFlight.add(work(received).catch(endings.onError));
    if (batch.length > 0) continue;
    if (inFlight.count() === 0) return endings.end('empty', 'the queue has no more');
    await inFlight.next();
  }
}
