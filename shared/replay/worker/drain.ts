import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { Timer } from '../../clock/clock.ts';
import { createInFlight } from '../../concurrency/in-flight.ts';
import { createKeyedQueue } from '../../concurrency/keyed-queue.ts';
import { createRateLimit } from '../../concurrency/rate-limit.ts';
import type { Target } from '../../delivery/target.ts';
import { type Claim, type ClaimRequest, type Ledger, LedgerUnavailable } from '../../ledger/ledger.ts';
import type { Locks } from '../../locks/dynamo-locks.ts';
import type { Account } from '../account/account.ts';
import type { AccountStore } from '../account/account-store.ts';
import { claimRequest } from '../message/claim-request.ts';
import type { DeadLetter, Disposition, ReceivedMessage } from '../message/dead-letter.ts';
import { type Selection, type SelectionRules, select } from '../message/selection.ts';
import type { Quarantine, QuarantineReason } from '../quarantine/quarantine.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';
import type { AlreadyAppliedCheck } from './already-applied.ts';
import { obstacle, watch } from './blockers.ts';
import { deliver } from './deliver.ts';
import { createFailureRatio } from './failure-ratio.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createOutcomeRecorder, type Entry } from './outcome-recorder.ts';

export interface DrainPorts {
  readonly queue: DeadLetterQueue;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly quarantine: Quarantine;
  readonly probe: AlreadyAppliedCheck | null;
  readonly accounts: Pick<AccountStore, 'save' | 'savedBatch'>;
  readonly locks: Locks;
  readonly clock: Timer;
}

/** What one worker is to do. */
export interface DrainOrder {
  readonly runId: string;
  /** This call of the worker, in the ledger and the account. Begins with the run id and a slash. */
  readonly owner: string;
  readonly rules: SelectionRules;
  /** Requests a second, and requests at the same time: this worker's share. */
  readonly rate: number;
  readonly inFlight: number;
  /** Milliseconds for which a message is hidden and claimed at a time: longer than one request may take. */
  readonly lease: number;
  /** Messages to send at most; null for all. */
  readonly max: number | null;
  /** When to take on no more. */
  readonly until: Date;
  readonly failureRatio: number;
  /** One at a time; as many acceptances as `max` are wanted, and no failure. */
  readonly canary: boolean;
}

/** How a worker ended: the queue had no more, the count or the time was reached, or it stopped for the reason. */
export interface Drained {
  readonly ended: 'empty' | 'count' | 'time' | 'stopped';
  readonly reason: string;
  /** What the target last said when it did not accept; null where it always did. */
  readonly lastFailure: string | null;
  readonly account: Account;
}

/** Told of a claim and what became of it so far, so that it is given back if something breaks. */
type Claims = (claim: NonNullable<Entry['settle']>) => void;

/** A receive takes ten at most; so many at the same time keep a worker busy. */
const RECEIVERS = 6;
const RECEIVE = 10;

/** Messages that are received and claimed ahead, and that are being written down. */
const AROUND = 200;

/** SQS asks all its servers when it may wait; an answer of nothing then means nothing. */
const WAIT_MS = 1_000;

const CLAIM_BATCH = 25;
const GATHER_MS = 10;

/** A claim that another holds is asked for again after so long. */
const BUSY_MS = 250;

/** Receipts of messages that go back are kept, so that they are shown when the worker ends. The others come back by themselves. */
const RETURNED = 10_000;

/**
 * Works on a queue until it is empty, the count or the time is reached, or something says stop. Each message goes one way:
 * select → claim → probe → deliver → ledger → account → delete. What cannot go on goes back to the queue.
 *
 * A message is delivered at least once and, at a receiver that honours the key, has its effect once. Only a message that was
 * sent without an answer, or whose worker died, is sent again; the account counts these as unknown.
 *
 * @param signal ends the work at once; requests in flight then are unknown
 * @throws what the account store throws where the last figures could not be saved
 */
export async function drain(ports: DrainPorts, order: DrainOrder, signal: AbortSignal): Promise<Drained> {
  const { queue, ledger, target, quarantine, probe, accounts, locks, clock } = ports;
  const { runId, owner, lease, canary } = order;
  const inFlight = canary ? 1 : order.inFlight;
  const inHandAtMost = canary ? 1 : inFlight + AROUND;

  const ends: Pick<Drained, 'ended' | 'reason'>[] = [];
  const ending = new AbortController();
  const finish = (ended: Drained['ended'], reason: string) => {
    ends.push({ ended, reason });
    ending.abort();
  };
  /** One for all messages: Node keeps what it combines for as long as its sources live. */
  const sendingEnds = AbortSignal.any([signal, ending.signal]);
  const stop = (reason: string) => finish('stopped', reason);
  const trouble = (error: unknown) => stop(describe(error));
  const over = new AbortController();

  const book = createOutcomeRecorder({ ledger, accounts, queue, owner, trouble, until: order.until, clock });
  const hold = createLeaseKeeper({ queue, ledger, clock }, lease, trouble);
  const pace = createRateLimit(order.rate, clock);
  const ratio = createFailureRatio(order.failureRatio);
  const lanes = createKeyedQueue();
  const sendSlots = pLimit(inFlight);
  const inHand = createInFlight();
  const toShow: DeadLetter[] = [];
  const blockedGroups = new Set<string>();
  let sent = 0;
  let refused = 0;
  let lastFailure: string | null = null;

  const claims = new DataLoader<ClaimRequest, Claim>(
    (wanted) => ledger.claim(wanted, new Date(clock.now().getTime() + lease)),
    {
      cache: false,
      maxBatchSize: CLAIM_BATCH,
      batchScheduleFn: (callback) => void clock.sleep(GATHER_MS).then(callback),
    },
  );

  const enter = async (entry: Entry): Promise<Disposition> => {
    const disposition = await book.enter(entry);
    if (disposition !== 'returned') return disposition;
    if (entry.message.groupId !== null) blockedGroups.add(entry.message.groupId);
    if (toShow.length < RETURNED) toShow.push(entry.message);
    return disposition;
  };
  const putBack = (message: DeadLetter, reason: string, settle: Entry['settle'] = null) =>
    enter({ message, disposition: 'returned', reason, settle });

  async function keepInQuarantine(
    message: DeadLetter,
    why: Omit<QuarantineReason, 'runId'>,
    claimed: boolean,
  ) {
    await quarantine.keep(message, { ...why, runId });
    const settle = claimed && why.key !== null ? { key: why.key, as: 'quarantined' as const } : null;
    await enter({ message, disposition: 'quarantined', reason: why.kind, settle });
  }

  /** Waits while another worker holds the key: it ends soon, or its lease does. */
  async function claim(message: DeadLetter, key: string): Promise<Claim> {
    const wanted = claimRequest(message, key);
    for (;;) {
      const answer = await claims.load(wanted);
      if (answer.state !== 'busy' || ending.signal.aborted) return answer;
      await clock.sleep(BUSY_MS, signal);
    }
  }

  /**
   * A message that a worker recorded, and died before it counted it, is counted now; also one of an earlier run. A worker
   * that lives counts it while it still holds the message.
   */
  async function isUncounted({ sameMessage, by }: Extract<Claim, { state: 'done' }>): Promise<boolean> {
    if (!sameMessage || by.owner === owner) return false;
    const isCounted = async () => (await accounts.savedBatch(by.owner)) >= by.number;
    if (await isCounted()) return false;
    await clock.sleep(lease / 2, signal);
    return !(await isCounted());
  }

  async function send(
    message: DeadLetter,
    key: string,
    claimed: Extract<Claim, { state: 'claimed' }>,
    claims: Claims,
  ) {
    claims({ key, as: 'unknown' });
    const outcome = await sendSlots(() =>
      deliver(
        { target, pace, ratio, clock, book, ending: sendingEnds },
        { message, key, unknown: claimed.unknown },
        signal,
      ),
    );
    if (outcome.as !== 'accepted' && outcome.attempts > 0) lastFailure = outcome.reason;
    if (outcome.as === 'accepted') {
      sent++;
      if (canary && sent === order.max) finish('count', `the first ${sent} were accepted`);
      await enter({ message, disposition: 'delivered', reason: null, settle: { key, as: 'delivered' } });
    } else if (outcome.as === 'refused') {
      claims({ key, as: outcome.unknown ? 'unknown' : 'open' });
      refused++;
      if (canary && refused === order.max) stop(`the target refused ${refused} messages: ${outcome.reason}`);
      const attempts = claimed.attempts + outcome.attempts;
      await keepInQuarantine(message, { key, kind: 'refused', reason: outcome.reason, attempts }, true);
    } else {
      if (canary && outcome.attempts > 0) stop(`the canary failed: ${outcome.reason}`);
      const as = outcome.unknown ? 'unknown' : 'open';
      const reason = outcome.attempts === 0 ? 'unsent' : outcome.unknown ? 'unknown' : 'failed';
      await putBack(message, reason, { key, as });
    }
    const exceeded = ratio.exceeded();
    if (exceeded !== null) stop(exceeded);
  }

  async function goOn(
    message: DeadLetter,
    selection: Exclude<Selection, { verdict: 'leave' }>,
    claims: Claims,
  ): Promise<unknown> {
    const { key } = selection;
    if (message.groupId !== null && blockedGroups.has(message.groupId)) return putBack(message, 'behind');
    if (ending.signal.aborted) return putBack(message, 'unsent');
    if (selection.verdict === 'quarantine' && key === null)
      return keepInQuarantine(message, { ...selection, attempts: 0 }, false);
    if (key === null) throw new Error('a message without a key is never sent');

    const claimed = await claim(message, key);
    if (claimed.state === 'busy') return putBack(message, 'busy');
    if (claimed.state === 'mismatch')
      return keepInQuarantine(message, { key, kind: 'mismatch', reason: MISMATCH, attempts: 0 }, false);
    if (claimed.state === 'done') {
      if (!(await isUncounted(claimed)))
        return enter({ message, disposition: 'duplicate', reason: 'done-before', settle: null });
      const { as, by: from } = claimed;
      return enter({ message, disposition: as, reason: null, settle: { key, as, from } });
    }
    const before = claimed.unknown ? 'unknown' : 'open';
    hold.claimed(message, key);
    claims({ key, as: before });
    if (selection.verdict === 'quarantine')
      return keepInQuarantine(message, { ...selection, attempts: claimed.attempts }, true);
    if (probe && (await probe.has(key, signal))) {
      const settle = { key, as: 'delivered' as const };
      return enter({ message, disposition: 'duplicate', reason: 'application-has-it', settle });
    }
    return send(message, key, claimed, claims);
  }

  async function work(received: ReceivedMessage): Promise<void> {
    const { message } = received;
    book.received();
    hold.add(message);
    let claimed: Entry['settle'] = null;
    try {
      const selection = select(received, order.rules, clock.now());
      await lanes.run(message.groupId, () =>
        selection.verdict === 'leave'
          ? putBack(message, selection.why)
          : lanes.run(selection.key && `key ${selection.key}`, () =>
              goOn(message, selection, (claim) => {
                claimed = claim;
              }),
            ),
      );
    } catch (error) {
      trouble(error);
      await putBack(message, 'trouble', claimed);
    } finally {
      hold.release(message);
    }
  }

  async function receive(): Promise<void> {
    for (let taken = 0; !ending.signal.aborted; ) {
      if (inHand.count() >= inHandAtMost) {
        await inHand.less();
        continue;
      }
      const room = canary ? 1 : Math.min(RECEIVE, (order.max ?? Number.POSITIVE_INFINITY) - taken);
      if (room <= 0) {
        while (inHand.count() > 0) await inHand.less();
        return finish('count', `it took as many as it was asked for, ${order.max}`);
      }
      const messages = await queue.receive({ max: room, wait: WAIT_MS, hidden: lease, signal });
      taken += messages.length;
      for (const message of messages) inHand.add(work(message).catch(trouble));
      if (messages.length > 0) continue;
      if (inHand.count() === 0) return finish('empty', 'the queue has no more');
      await inHand.less();
    }
  }

  const found = await obstacle({ target, locks }, signal).catch(describe);
  if (found !== null) stop(found);
  const aside = [
    clock.sleep(Math.max(0, order.until.getTime() - clock.now().getTime()), over.signal).then(
      () => finish('time', 'its time was over'),
      () => {}, // it ended before
    ),
    hold.beat(over.signal),
    watch({ target, locks, clock }, stop, over.signal).catch((error) => {
      if (!over.signal.aborted) trouble(error);
    }),
  ];
  const receiving = canary || order.max !== null ? 1 : receivers(inFlight);
  await Promise.all(Array.from({ length: receiving }, () => receive().catch(trouble)));
  while (inHand.count() > 0) await inHand.less();
  over.abort();
  await Promise.all(aside);
  const { ended, reason } = verdict(ends);
  try {
    return { ended, reason, lastFailure, account: await book.close(`${ended}: ${reason}`) };
  } finally {
    await queue.hide(toShow, 0).catch(() => {}); // too late, or the queue is away: they come back by themselves
  }
}

const MISMATCH = 'the ledger knows this key with another body: one key stands for one message';

function receivers(inFlight: number): number {
  return Math.min(RECEIVERS, Math.ceil(inFlight / RECEIVE));
}

/** A reason to stop outweighs an end that came first: a queue may be empty because everything failed. */
function verdict(ends: readonly Pick<Drained, 'ended' | 'reason'>[]): Pick<Drained, 'ended' | 'reason'> {
  const verdict = ends.find(({ ended }) => ended === 'stopped') ?? ends[0];
  if (!verdict) throw new Error('a worker ends for a reason');
  return verdict;
}

function describe(error: unknown): string {
  if (error instanceof LedgerUnavailable) return `the ledger is unavailable: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
