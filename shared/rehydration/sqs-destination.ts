import { createHash } from 'node:crypto';
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import DataLoader from 'dataloader';
import type { Timer } from '../clock/clock.ts';
import { attempts } from '../clock/retry.ts';
import { createKeyedQueue } from '../concurrency/keyed-queue.ts';
import { deliverByCall } from '../delivery/aws-call.ts';
import { DELIVERY_BACKOFF } from '../delivery/backoff.ts';
import { accepted, failed, refused } from '../delivery/outcome.ts';
import { KEY_ATTRIBUTE } from '../delivery/outgoing-message.ts';
import { queueUrl } from '../delivery/queue-address.ts';
import type { Delivery } from '../delivery/target.ts';
import type { KeyStatus } from '../ledger/key-status.ts';
import type { Claim, ClaimRequest, Ledger, Settlement } from '../ledger/ledger.ts';
import type { Destination, Put, Rules } from './destination.ts';
import { type Message, messageId } from './message.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;

/** What a batch may hold, and a message, its attributes included. Queues may allow more since 2025; older ones do not. */
const MOST_BYTES = 262_144;

/** Of the 25 that the ledger takes: as many as fill two calls. */
const LEDGER_BATCH = 20;
const GATHER_MS = 2;

/** A call of ten messages takes milliseconds. */
const CALL_LIMIT_MS = 10_000;
const ATTEMPTS = 3;

/** Longer than all attempts take, and as short as that allows: what a killed attempt held is waited for. */
export const LEASE_MS = 60_000;
const BUSY_MS = 1_000;

/** What a message of the rehydration must be to fit into a queue. */
export function sqsRules(queue: string, rehydration: string): Rules {
  const withoutRow = bytesOf({ id: messageId(rehydration, ''), body: '', group: null });
  return { bytes: MOST_BYTES - withoutRow, fifo: queue.endsWith('.fifo'), plainText: true };
}

export interface SqsPorts {
  /** Asks once: what the SDK sent again by itself would be there twice, and nobody would count it. */
  readonly sqs: SQSClient;
  /** Of the rehydration, so that all its attempts meet in it. */
  readonly ledger: Ledger;
  /** Looks into the same ledger. */
  readonly readKeyStatus: (wanted: readonly ClaimRequest[]) => Promise<KeyStatus[]>;
  readonly clock: Timer;
}

/**
 * Sends to a queue, and remembers in the ledger what was sent. An id stands for its message whatever the body says by now:
 * a campaign that was sent as `scheduled` is not sent again as `sending`.
 *
 * @throws TargetMisconfigured where there is no such queue, or it may not be used
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
  const lanes = createKeyedQueue();
  const blockedGroups = new Set<string>();
  let settled = 0;

  const claims = gathering<ClaimRequest, Claim>(LEDGER_BATCH, (wanted) =>
    ledger.claim(wanted, new Date(clock.now().getTime() + LEASE_MS)),
  );
  const settlements = gathering<Settlement, void>(LEDGER_BATCH, async (batch) => {
    await ledger.settle(batch);
    return batch.map(() => undefined);
  });

  return {
    rules: sqsRules(queue, rehydration),
    async known(messages) {
      const standings = await readKeyStatus(messages.map(wanted));
      return standings.map((standing) => standing === 'done');
    },
    async put(messages, signal) {
      const sends = gathering<Message, Delivery>(BATCH, async (batch) => {
        const deliveries = await Promise.all(inCalls(batch).map((call) => deliverAll(call, signal)));
        return deliveries.flat();
      });
      const outcomes = await Promise.allSettled(
        messages.map((message) => lanes.run(message.group, () => putOne(message, sends, signal))),
      );
      return outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      });
    },
    close: async () => sqs.destroy(),
  };

  async function putOne(message: Message, sends: Sends, signal: AbortSignal): Promise<Put> {
    const { group } = message;
    if (group !== null && blockedGroups.has(group))
      return { outcome: 'failed', reason: `a message before it in group "${group}" could not be sent` };
    let put: Put | undefined;
    try {
      put = await sendOnce(message, sends, signal);
      return put;
    } finally {
      // What comes behind it in its group must not overtake it.
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
    await settlements.load({ key: id, messageId: id, as, batch: ++settled });
    return outcome === 'accepted'
      ? { outcome: 'sent', resent }
      : { outcome: 'failed', reason: delivery.reason };
  }

  /** Another attempt that lives ends soon. One that was killed holds its messages until their lease ends. */
  async function claimWhenFree(
    message: Message,
    signal: AbortSignal,
  ): Promise<Extract<Claim, { state: 'claimed' | 'done' }>> {
    for (;;) {
      signal.throwIfAborted();
      const claim = await claims.load(wanted(message));
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
      delivery = await sends.load(message);
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

/** The id stands for the message, and for its body. */
function wanted({ id }: Message): ClaimRequest {
  return { key: id, bodyHash: sha256(id), messageId: id };
}

type Sends = DataLoader<Message, Delivery>;

/** Collects what is asked for within moments into calls of so many. */
function gathering<Question, Answer>(
  most: number,
  ask: (batch: readonly Question[]) => Promise<readonly Answer[]>,
): DataLoader<Question, Answer> {
  return new DataLoader(ask, {
    cache: false,
    maxBatchSize: most,
    batchScheduleFn: (callback) => setTimeout(callback, GATHER_MS),
  });
}

/** Divides messages so that each call holds no more bytes than SQS takes. */
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

/** As SQS counts: an attribute's name, type and value are part of the message. */
function bytesOf({ id, body }: Message): number {
  return Buffer.byteLength(body) + KEY_ATTRIBUTE.length + 'String'.length + Buffer.byteLength(id);
}

/** A FIFO queue drops what it saw within five minutes: a message that is sent again after a lost answer, for instance. */
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
