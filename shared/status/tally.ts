import type { Progress } from '../progress/progress.ts';
import { type Account, sum } from '../replay/account/account.ts';
import type { WorkerAccount } from '../replay/account/account-store.ts';

/** How far a replay has come, as its workers have saved it. */
export interface Tally {
  readonly account: Account;
  /** How many messages are to be dealt with, as the queue was inspected; null where that is not known. */
  readonly expected: number | null;
}

/** How far a run has come: what a task reported, or what a replay's workers saved. */
export type RunProgress = Progress | Tally;

/** Adds up what the workers of a run have saved so far; null before the first has. */
export function tallyOf(workers: readonly WorkerAccount[], expected: number | null): Tally | null {
  if (workers.length === 0) return null;
  return { account: sum(workers.map(({ account }) => account)), expected };
}

/** Messages that are dealt with: each has its disposition. */
export function dealtWith({ delivered, duplicates, quarantined, returned }: Account): number {
  return delivered + duplicates + quarantined + returned;
}

/** Milliseconds until what is expected will have been dealt with; null if that is not known. */
export function timeLeft({ account, expected }: Tally, rate: number | null): number | null {
  if (expected === null || rate === null || rate <= 0) return null;
  const left = expected - dealtWith(account);
  return left > 0 ? (left / rate) * 1_000 : null;
}
