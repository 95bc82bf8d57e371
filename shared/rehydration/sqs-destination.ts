import { createHash } from 'node:crypto';
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Timer } from '../clock/clock.ts';
import { attempts } from '../clock/retry.ts';
import { type Batcher, createBatcher } from '../concurrency/batcher.ts';
import { createKeyedQueue } from '../concurrency/keyed-queue.ts';
import { deliverByCall } from '../delivery/aws-call.ts';
import { DELIVERY_BACKOFF } from '../delivery/backoff.ts';
import { accepted, failed, refused } from '../delivery/delivery-outcome.ts';
import { KEY_ATTRIBUTE } from '../delivery/outgoing-message.ts';
import { queueUrl } from '../delivery/queue-address.ts';
import type { Delivery } from '../delivery/target.ts';
import type { KeyStatus } from '../ledger/key-status.ts';
import type { Claim, ClaimRequest, Ledger, Settlement } from '../ledger/ledger.ts';
import type { Destination, Put, Rules } from './destination.ts';
import { type Message, messageId } from './message.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;

/**
 * The limit for a batch and for a message with its attributes. Queues may allow more since 2025; older ones
 * do not.
 */
const MOST_BYTES = 262_144;

/** The ledger takes 25 at a time; this many fill two calls. */
const LEDGER_BATCH = 20;
const GATHER_MS = 2;

/** A call of ten messages takes milliseconds. */
const CALL_LIMIT_MS = 10_000;
const ATTEMPTS = 3;

/** Longer than all attempts take, but not more: the next run waits for the leases of a killed one. */
export const LEASE_MS = 60_000;
const BUSY_MS = 1_000;

/**
 * SQS's counters take a minute or more to settle after a message was sent. Until then a queue that holds messages may look
 * empty, so what was sent within this time counts as being there.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
const COUNTERS_SETTLE_MS = 5 * 60_000;

/** What a row must satisfy so that its message fits into a queue. */
export function sqsRules(queue: string, rehydration: string): Rules {
  const withoutRow = bytesOf({ id: messageId(rehydration, ''), body: '', group: null });
  return { bytes: MOST_BYTES - withoutRow, fifo: queue.endsWith('.fifo'), plainText: true };
}

export interface SqsPorts {
  /**
   * A client that does not retry. A retry inside the SDK could deliver a message twice without being counted.
   */
  readonly sqs: SQSClient;
  /** The same for all attempts of a rehydration. */
  readonly ledger: Ledger;
  /** Reads the same ledger. */
  readonly readKeyStatus: (requests: readonly ClaimRequest[]) => Promise<KeyStatus[]>;
  readonly clock: Timer;
}

/**
 * Sends to a queue, and records in the ledger what was sent. An id stands for its message even if the body
 * has changed. For example, a campaign sent as `scheduled` is not sent again as `sending`.
 *
 * The ledger outlives the messages: a queue may be purged, or drop what is older than its retention. SQS does not say which
 * messages it holds, but an empty queue holds none. So for an empty queue, what earlier runs sent does not count. Its row is
 * sent again if the plan's query still returns it.
 *
 * @throws TargetMisconfigured if the queue does not exist or access is denied
 */
export async function sqsDestination(
  { sqs, ledger, readKeyStatus, clock }: SqsPorts,
  { queue, rehydration }: { queue: string; rehydration: string },
): Promise<Destination> {
  const QueueUrl = await queueUrl(sqs, queue);
  const about = {
    action: 'sqs:SendMessage',
    on: `queue "${queue}"`,
    limit: CALL_LIMIT_MS,
    refusals: new Set<string>(),
  };
  const goneBefore = await findGoneBefore();
  const request = ({ id }: Message): ClaimRequest => ({
    key: id,
    bodyHash: sha256(id),
    messageId: id,
    goneBefore,
  });
  const groups = createKeyedQueue();
  const blockedGroups = new Set<string>();
  let settled = 0;

  const claims = createBatcher<ClaimRequest, Claim>(
    (requests) => ledger.claim(requests, new Date(clock.now().getTime() + LEASE_MS)),
    { atMost: LEDGER_BATCH, gatherMs: GATHER_MS, clock },
  );
  const settlements = createBatcher<Settlement, null>(
    async (batch) => {
      await ledger.settle(batch);
      return batch.map(() => null);
    },
    { atMost: LEDGER_BATCH, gatherMs: GATHER_MS, clock },
  );

  return {
    rules: sqsRules(queue, rehydration),
    async known(messages) {
      const statuses = await readKeyStatus(messages.map(request));
      return statuses.map((status) => status === 'done');
    },
    async put(messages, signal) {
      const sends = createBatcher<Message, Delivery>(
        async (batch) => {
          const deliveries = await Promise.all(inCalls(batch).map((call) => deliverAll(call, signal)));
          return deliveries.flat();
        },
        { atMost: BATCH, gatherMs: GATHER_MS, clock },
      );
      const outcomes = await Promise.allSettled(
        messages.map((message) => groups.run(message.group, () => putOne(message, sends, signal))),
      );
      return outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      });
    },
    close: async () => sqs.destroy(),
  };

  /** @returns null where the queue holds messages, which may be any of those that were sent, and where it does not answer */
  async function findGoneBefore(): Promise<Date | null> {
    for await (const _ of attempts({ atMost: ATTEMPTS, backoff: DELIVERY_BACKOFF, clock })) {
      const call = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTERS] });
      try {
        const { Attributes = {} } = await sqs.send(call);
        const isEmpty = COUNTERS.every((counter) => Attributes[counter] === '0');
        return isEmpty ? new Date(clock.now().getTime() - COUNTERS_SETTLE_MS) : null;
      } catch {} // asked again; in the end, what was sent before counts as being there
    }
    return null;
  }

  async function putOne(message: Message, sends: Sends, signal: AbortSignal): Promise<Put> {
    const { group } = message;
    if (group !== null && blockedGroups.has(group))
      return { outcome: 'failed', reason: `a message before it in group "${group}" could not be sent` };
    let put: Put | undefined;
    try {
      put = await sendOnce(message, sends, signal);
      return put;
    } finally {
      // Later messages of its group must not overtake it.
      if (group !== null && (put === undefined || put.outcome === 'failed')) blockedGroups.add(group);
    }
  }

  async function sendOnce(message: Message, sends: Sends, signal: AbortSignal): Promise<Put> {
    const { id } = message;
    const claim = await claimWhenFree(message, signal);
    if (claim.state === 'done') return { outcome: 'already-sent' };
    const { delivery, resent } = await sendUntilAccepted(message, claim.unknown, sends, signal);
    const { outcome } = delivery;
    const as = outcome === 'accepted' ? 'delivered' : resent || outcome === 'unknown' ? 'unknown' : 'open';
    await settlements.ask({ key: id, messageId: id, as, batch: ++settled });
    return outcome === 'accepted'
      ? { outcome: 'sent', resent }
      : { outcome: 'failed', reason: delivery.reason };
  }

  /**
   * Waits for another attempt. A live one ends soon; a killed one keeps its messages until their leases
   * expire.
   */
  async function claimWhenFree(
    message: Message,
    signal: AbortSignal,
  ): Promise<Extract<Claim, { state: 'claimed' | 'done' }>> {
    for (;;) {
      signal.throwIfAborted();
      const claim = await claims.ask(request(message));
      if (claim.state === 'claimed' || claim.state === 'done') return claim;
      if (claim.state === 'mismatch')
        throw new Error(`the ledger knows the id "${message.id}" as another message`);
      await clock.sleep(
        Math.min(BUSY_MS, Math.max(0, claim.until.getTime() - clock.now().getTime())),
        signal,
      );
    }
  }

  /** @param resent an earlier attempt may have sent it */
  async function sendUntilAccepted(
    message: Message,
    resent: boolean,
    sends: Sends,
    signal: AbortSignal,
  ): Promise<{ delivery: Delivery; resent: boolean }> {
    let delivery: Delivery = failed(`${about.on} was sent nothing`);
    for await (const _ of attempts({ atMost: ATTEMPTS, backoff: DELIVERY_BACKOFF, clock }, signal)) {
      delivery = await sends.ask(message);
      if (delivery.outcome === 'accepted' || delivery.outcome === 'refused') break;
      resent ||= delivery.outcome === 'unknown';
    }
    return { delivery, resent };
  }

  async function deliverAll(messages: readonly Message[], signal: AbortSignal): Promise<Delivery[]> {
    const rejected = new Map<string | undefined, Delivery>();
    const delivery = await deliverByCall(about, { signal, clock }, async (abortSignal) => {
      const Entries = messages.map(entry);
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }), {
        abortSignal,
      });
      for (const { Id, Code, Message: words, SenderFault } of Failed)
        rejected.set(Id, (SenderFault ? refused : failed)(`${about.on}: ${Code}: ${words ?? ''}`));
      return accepted;
    });
    return messages.map((_, index) => rejected.get(String(index)) ?? delivery);
  }
}

const COUNTERS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

type Sends = Batcher<Message, Delivery>;

/** Splits messages into calls that stay within SQS's size limit. */
export function inCalls(messages: readonly Message[]): Message[][] {
  const calls: Message[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    bytes += bytesOf(message);
    if (bytes > MOST_BYTES) {
      calls.push([]);
      bytes = bytesOf(message);
    }
    calls.at(-1)?.push(message);
  }
  return calls;
}

/** Counts as SQS does: an attribute's name, type and value are part of the message. */
function bytesOf({ id, body }: Message): number {
  return Buffer.byteLength(body) + KEY_ATTRIBUTE.length + 'String'.length + Buffer.byteLength(id);
}

/**
 * A FIFO queue drops duplicates within five minutes, such as a message that is resent after a lost response.
 */
function entry({ id, body, group }: Message, index: number): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: body,
    MessageAttributes: { [KEY_ATTRIBUTE]: { DataType: 'String', StringValue: id } },
    ...(group === null ? {} : { MessageGroupId: group, MessageDeduplicationId: `lifeboat-${sha256(id)}` }),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
