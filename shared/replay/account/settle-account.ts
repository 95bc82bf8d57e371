import { type Account, inHand, inWords, sum } from './account.ts';
import type { WorkerAccount } from './account-store.ts';

/** The account of a run, and whether it may be believed. */
export interface SettledAccount {
  readonly account: Account;
  readonly addsUp: boolean;
  /** The account in words, or what is wrong with it. */
  readonly words: string;
  readonly workers: number;
  readonly died: number;
}

/**
 * Adds up what the workers of a run saved. What a worker held that died comes back to the queue: it is returned. A worker
 * that ended by itself holds nothing, and one that counted more than it received has lied.
 */
export function settleAccount(workers: readonly WorkerAccount[]): SettledAccount {
  const dead = workers.filter(({ ended }) => ended === null);
  const account = sum([
    ...workers.map(({ account }) => account),
    ...dead.map(({ account }) => returnedBy(Math.max(0, inHand(account)))),
  ]);
  const unbalanced = workers.filter(({ ended, account }) =>
    ended === null ? inHand(account) < 0 : inHand(account) !== 0,
  );
  const missing = inHand(account);
  const addsUp = unbalanced.length === 0 && missing === 0;
  return {
    account,
    addsUp,
    words: addsUp
      ? inWords(account)
      : `the account does not add up: ${missing} messages are missing from it (${unbalanced.map(({ owner }) => owner).join(', ')})`,
    workers: workers.length,
    died: dead.length,
  };
}

function returnedBy(messages: number): Account {
  return {
    ...sum([]),
    returned: messages,
    reasons: messages > 0 ? { 'worker-died': messages } : {},
  };
}
