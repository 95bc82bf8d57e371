import pLimit from 'p-limit';
import type { Timer } from '../../clock/clock.ts';
import { createBatcher } from '../../concurrency/batcher.ts';
import { createInFlight } from '../../concurrency/in-flight.ts';
import { createRateLimit } from '../../concurrency/rate-limit.ts';
import type { Target } from '../../delivery/target.ts';
import type { Claim, ClaimRequest, Ledger } from '../../ledger/ledger.ts';
import type { Locks } from '../../locks/locks.ts';
import type { Account } from '../account/account.ts';
import type { AccountStore } from '../account/account-store.ts';
import type { Ending } from '../account/ending.ts';
import type { SelectionRules } from '../message/send-leave-or-quarantine.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';
import type { AlreadyAppliedCheck } from './already-applied.ts';
import { describeBlocker, findBlocker, watchBlockers } from './blockers.ts';
import { createEndings, type Endings } from './endings.ts';
import { createFailureRatio } from './failure-ratio.ts';
import { createMessageHandler } from './handle-message.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createOutcomeRecorder } from './outcome-recorder.ts';
import { receive } from './receive.ts';
import type { SendingPolicy } from './sending-policy.ts';

export interface DrainPorts {
  readonly queue: DeadLetterQueue;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly quarantine: Quarantine;
  /** Null where the plan has none. */
  readonly alreadyApplied: AlreadyAppliedCheck | null;
  readonly accounts: Pick<AccountStore, 'save' | 'savedBatch'>;
  readonly locks: Pick<Locks, 'holder'>;
  readonly clock: Timer;
}

/** What one worker is asked to do. */
export interface DrainOrder {
  readonly runId: string;
  /** This call of the worker, in the ledger and the account. Begins with the run id and a slash. */
  readonly owner: string;
  readonly rules: SelectionRules;
  /** Requests a second: this worker's share. */
  readonly rate: number;
  readonly policy: SendingPolicy;
  /** For how long a message is hidden and claimed at a time: longer than one request may take. */
  readonly leaseMs: number;
  /** When to take on no more. */
  readonly until: Date;
  /** The part of recent deliveries that may fail, from 0 to 1. */
  readonly failureRatio: number;
}

/** How a worker ended, and what it did. */
export interface Drained extends Ending {
  /** What the target last said when it did not accept a message; null if it always accepted. */
  readonly lastFailure: string | null;
  readonly account: Account;
}

/** Keys in one call to the ledger, and how long the first of them waits for the others. */
const CLAIMS = { atMost: 25, gatherMs: 10 };

/**
 * Works on a queue until it is empty, the count or the time is reached, or something says stop. Each message goes one way:
 * select → claim → already applied? → deliver → ledger → account → delete. A message that cannot go on returns to the queue.
 *
 * A message is delivered at least once. At a receiver that honours the key, it takes effect once. Only a message that was sent
 * without an answer, or whose worker died, is sent again; the account counts these as unknown.
 *
 * @param signal ends the work at once; requests in flight then are unknown
 * @throws what the account store throws where the last figures could not be saved
 */
export async function drain(ports: DrainPorts, order: DrainOrder, signal: AbortSignal): Promise<Drained> {
  const { queue, ledger, target, accounts, clock } = ports;
  const { runId, owner, rules, policy, leaseMs, until } = order;
  const endings = createEndings();
  const { onError } = endings;
  let lastFailure: string | null = null;

  const recorder = createOutcomeRecorder({ ledger, accounts, queue, clock, owner, until, onError });
  const leases = createLeaseKeeper({ queue, ledger, clock }, leaseMs, onError);
  const claims = createBatcher<ClaimRequest, Claim>(
    (requests) => ledger.claim(requests, new Date(clock.now().getTime() + leaseMs)),
    { ...CLAIMS, clock },
  );
  const delivery = {
    target,
    rateLimit: createRateLimit(order.rate, clock),
    ratio: createFailureRatio(order.failureRatio),
    clock,
    recorder,
    // One signal for all messages: Node keeps a combined signal for as long as its sources live.
    ending: AbortSignal.any([signal, endings.signal]),
  };
  const sending = {
    slots: pLimit(policy.requests),
    delivery,
    policy,
    endings,
    onFailure: (reason: string) => {
      lastFailure = reason;
    },
  };
  const handler = createMessageHandler(
    {
      runId,
      rules,
      clock,
      leases,
      claiming: { claims, clock, ending: endings.signal },
      doneBefore: { accounts, clock, owner, leaseMs },
      alreadyApplied: ports.alreadyApplied,
      sending,
      quarantine: ports.quarantine,
      recorder,
      endings,
    },
    signal,
  );

  const blocker = await findBlocker(ports, signal).catch(onError);
  if (blocker) endings.stop(describeBlocker(blocker));

  const over = new AbortController();
  const aside = [
    endOnTime(until, endings, clock, over.signal),
    leases.renew(over.signal),
    watchBlockers(ports, (found) => endings.stop(describeBlocker(found)), over.signal).catch((error) => {
      if (!over.signal.aborted) onError(error);
    }),
  ];
  const inFlight = createInFlight();
  const receiving = { queue, policy, inFlight, endings, work: handler.handle };
  await Promise.all(
    Array.from({ length: policy.receivers }, () => receive(receiving, leaseMs, signal).catch(onError)),
  );
  await inFlight.idle();
  over.abort();
  await Promise.all(aside);

  const ending = endings.verdict();
  try {
    return { ...ending, lastFailure, account: await recorder.close(ending) };
  } finally {
    await queue.hide(handler.returned, 0).catch(() => {}); // otherwise they become visible by themselves
  }
}

async function endOnTime(until: Date, endings: Endings, clock: Timer, over: AbortSignal): Promise<void> {
  const milliseconds = Math.max(0, until.getTime() - clock.now().getTime());
  await clock.sleep(milliseconds, over).then(
    () => endings.end('time', 'its time was over'),
    () => {}, // it ended before
  );
}
