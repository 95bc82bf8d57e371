import type { EarlierFailures } from '../../ledger/ledger.ts';
import type { Ending } from '../account/ending.ts';
import type { Delivered } from './deliver.ts';
import { isReceiverDown } from './judge-failure.ts';

/** How many messages a worker takes at a time, and which deliveries make it end. */
export interface SendingPolicy {
  /** Requests to the target at the same time. */
  readonly requests: number;
  /** Messages that are received and not finished, at most. */
  readonly held: number;
  /** Receives from the queue at the same time. */
  readonly receivers: number;
  /** Messages that the next receive may take, after so many were taken; 0 once the worker has all that it was asked for. */
  room(taken: number): number;
  /** @returns why the worker ends after a delivery of a message that earlier runs may have failed; null to go on */
  after(delivery: Delivered, earlier: Pick<EarlierFailures, 'failedBefore'>): Ending | null;
  /** The target accepted a message in this run. */
  acceptsOthers(): boolean;
}

/** SQS gives ten messages in one receive at most. Six receives at the same time keep a worker busy. */
const RECEIVE = 10;
const RECEIVERS = 6;

/** Messages that are received and claimed ahead, and that are being recorded. */
const AROUND = 200;

/** Sends as many messages at the same time as the worker's share allows. @param max messages to take; null for all */
export function sendMany({ inFlight, max }: { inFlight: number; max: number | null }): SendingPolicy {
  return {
    requests: inFlight,
    held: inFlight + AROUND,
    receivers: max === null ? Math.min(RECEIVERS, Math.ceil(inFlight / RECEIVE)) : 1,
    room: (taken) => Math.min(RECEIVE, (max ?? Number.POSITIVE_INFINITY) - taken),
    after: () => null,
    acceptsOthers: () => true, // the canary passed
  };
}

/**
 * Sends one message at a time. If one fails, another message becomes the canary, so that no single message holds up a queue.
 * Several different ones that fail stop it: then the receiver is down. It ends well after so many acceptances. As many
 * refusals stop it too: a target that refuses everything is not the one that the messages are for.
 *
 * @param max messages to take; null for as many as it needs
 */
export function canary(acceptances: number, max: number | null = null): SendingPolicy {
  let accepted = 0;
  let refused = 0;
  let failed = { fresh: 0, all: 0 };
  return {
    requests: 1,
    held: 1,
    receivers: 1,
    room: (taken) => (max === null ? 1 : Math.min(1, max - taken)),
    acceptsOthers: () => accepted > 0,
    after(delivery, { failedBefore }) {
      switch (delivery.as) {
        case 'accepted':
          failed = { fresh: 0, all: 0 };
          return ++accepted === acceptances
            ? { ended: 'count', reason: `the first ${accepted} were accepted` }
            : null;
        case 'refused':
          return ++refused === acceptances
            ? { ended: 'stopped', reason: `the target refused ${refused} messages: ${delivery.reason}` }
            : null;
        case 'failed':
          if (delivery.attempts === 0) return null;
          failed = { fresh: failed.fresh + Number(!failedBefore), all: failed.all + 1 };
          return isReceiverDown(failed)
            ? {
                ended: 'stopped',
                reason: `the canary failed: ${failed.all} different messages, one after the other; the last one: ${delivery.reason}`,
              }
            : null;
      }
    },
  };
}
