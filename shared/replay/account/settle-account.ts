import { type Account, inWords, sum, unaccounted } from './account.ts';
import type { WorkerAccount } from './account-store.ts';

/** The account of a run, and whether it adds up. */
export interface SettledAccount {
  readonly account: Account;
  readonly addsUp: boolean;
  /** The account in words, or what is wrong with it. */
  readonly words: string;
  readonly workers: number;
  readonly died: number;
}

/**
 * Adds up what the workers of a run saved. The messages of a worker that died come back to the queue, so they count as
 * returned. A worker that ended by itself must hold no message, and none may count more than it received.
 */
export function settleAccount(workers: readonly WorkerAccount[]): SettledAccount {
  const dead = workers.filter(({ ending }) => ending === null);
  const account = sum([
    ...workers.map(({ account }) => account),
    ...dead.map(({ account }) => returnedBy(Math.max(0, unaccounted(account)))),
  ]);
  const unbalanced = workers.filter(({ ending, account }) =>
    ending === null ? unaccounted(account) < 0 : unaccounted(account) !== 0,
  );
  const missing = unaccounted(account);
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
