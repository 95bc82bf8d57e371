import type { Account } from '../account/account.ts';
import type { Share } from '../worker/share.ts';
import { atMost, type DeadWorker, type WorkerAnswer } from './worker-answer.ts';

/** A round of a replay that has just ended. */
export interface Round {
  /** 0 for the canary. */
  readonly number: number;
  /** Its workers, in the order of their shares. The canary is one worker, with the first share. */
  readonly workers: readonly (WorkerAnswer | DeadWorker)[];
  readonly shares: readonly Share[];
  /** Rounds in a row before this one in which no message left the queue. */
  readonly fruitlessBefore: number;
  /** When the replay takes on no more; null where it may take its time. */
  readonly deadline: Date | null;
  /** Messages that the whole replay was asked to take; null for all. */
  readonly max: number | null;
}

/** What follows a round. `wait`: until the leases of dead workers have expired; then another round. */
export type Decision =
  | { readonly next: 'drain' }
  | { readonly next: 'wait' }
  | {
      readonly next: 'settle';
      readonly outcome: 'replayed' | 'stopped' | 'not-proven';
      readonly reason: string;
    };

export interface Assessment {
  readonly decision: Decision;
  /** What is left of each worker's share for the next round. */
  readonly shares: readonly Share[];
  /** Rounds in a row in which no message left the queue. */
  readonly fruitless: number;
}

/** Rounds without any progress after which a replay gives up. */
const FRUITLESS_ROUNDS = 3;

/** Decides what follows a round: another one, a wait, or the end of the replay. */
export function assessRound(round: Round, now: Date): Assessment {
  const { workers, number } = round;
  const shares = sharesLeft(round);
  if (number === 0) return { decision: afterCanary(round, shares, now), shares, fruitless: 0 };
  const progressed = workers.some((worker) => worker.ended !== 'died' && worker.settled > 0);
  const fruitless = progressed ? 0 : round.fruitlessBefore + 1;
  return { decision: afterRound(round, shares, fruitless, now), shares, fruitless };
}

function afterCanary({ workers, ...round }: Round, shares: readonly Share[], now: Date): Decision {
  const [canary] = workers;
  if (!canary || canary.ended === 'died') throw new TypeError('a canary that died is not assessed');
  if (canary.ended === 'stopped') return settle('stopped', canary.reason);
  if (canary.account.delivered === 0 && failedFresh(canary.account) > 0)
    return settle(
      'stopped',
      `the canary failed, and the target accepted nothing; the last failure: ${canary.lastFailure ?? 'none'}`,
    );
  if (canary.ended === 'empty' && canary.retryable === 0) return settle('replayed', canary.reason);
  if (shares.length === 0) return settle('replayed', allTaken(round));
  if (isOver(round, now)) return settle('replayed', TIME_IS_OVER);
  if (canary.ended === 'empty') return { next: 'drain' };
  if (canary.account.delivered === 0) return settle('stopped', NOTHING_TO_DELIVER);
  return { next: 'drain' };
}

function afterRound(
  { workers, ...round }: Round,
  shares: readonly Share[],
  fruitless: number,
  now: Date,
): Decision {
  const stopped = workers.find(({ ended }) => ended === 'stopped');
  if (stopped) return settle('stopped', stopped.reason);

  const dead = workers.find(({ ended }) => ended === 'died');
  if (dead && fruitless >= FRUITLESS_ROUNDS)
    return settle(
      'not-proven',
      `workers died, and three rounds in a row took nothing out of the queue: ${dead.reason}`,
    );
  if (isOver(round, now)) return settle('replayed', TIME_IS_OVER);
  if (dead) return { next: 'wait' };
  if (shares.length === 0) return settle('replayed', allTaken(round));

  const living = workers.filter((worker) => worker.ended !== 'died');
  const unfinished = living.find(({ ended }) => ended === 'time');
  const retryable = living.reduce((sum, worker) => sum + worker.retryable, 0);
  if (unfinished && fruitless < FRUITLESS_ROUNDS) return { next: 'drain' };
  if (retryable > 0 && fruitless === 0) return { next: 'drain' };
  if (unfinished)
    return settle(
      'stopped',
      `three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: ${unfinished.lastFailure ?? 'none'}`,
    );
  const failing = living.find((worker) => worker.retryable > 0);
  if (failing)
    return settle(
      'stopped',
      `the last round took nothing out of the queue; messages that went back to it: ${retryable}; the last failure: ${failing.lastFailure ?? 'none'}`,
    );
  return settle('replayed', 'the queue has no more');
}

/** Messages that the target failed and that no earlier run suspects. */
function failedFresh({ reasons }: Account): number {
  return (reasons.failed ?? 0) + (reasons.unknown ?? 0);
}

const TIME_IS_OVER = 'its time was over';
const NOTHING_TO_DELIVER =
  'the canary found nothing to deliver in its time: ask for what is nearer to the front of the queue';

function settle(outcome: Extract<Decision, { next: 'settle' }>['outcome'], reason: string): Decision {
  return { next: 'settle', outcome, reason };
}

function isOver({ deadline }: Pick<Round, 'deadline'>, now: Date): boolean {
  return deadline !== null && now >= deadline;
}

function allTaken({ max }: Pick<Round, 'max'>): string {
  return `it took as many as it was asked for, ${max}`;
}

/** The shares without those of which all was taken. A worker that died begins its share again. */
function sharesLeft({ workers, shares }: Pick<Round, 'workers' | 'shares'>): Share[] {
  return shares.flatMap((share, index) => {
    const worker = workers[index];
    const left = leftOf(share, worker && worker.ended !== 'died' ? worker.account : null);
    return left === null ? [] : [left];
  });
}

/** A share after a worker took messages of it; null when all of it was taken. */
function leftOf(share: Share, account: Account | null): Share | null {
  if (share.max === undefined || account === null) return share;
  const max = share.max - account.received;
  return max > 0 ? { ...share, max } : null;
}

/** Characters of a worker's sentence in the evidence: a new execution is told the workers of the last round too. */
const LONGEST_IN_EVIDENCE = 200;

/** What the evidence keeps of a worker. */
export function workerInEvidence(worker: WorkerAnswer | DeadWorker) {
  const { ended } = worker;
  const reason = atMost(worker.reason, LONGEST_IN_EVIDENCE);
  if (worker.ended === 'died') return { ended, reason, lastFailure: null, settled: 0, retryable: 0 };
  const { settled, retryable, lastFailure } = worker;
  return {
    ended,
    reason,
    lastFailure: lastFailure && atMost(lastFailure, LONGEST_IN_EVIDENCE),
    settled,
    retryable,
  };
}
