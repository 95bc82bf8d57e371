import type { Timer } from '../../clock/clock.ts';
import type { Claim } from '../../ledger/ledger.ts';
import type { AccountStore } from '../account/account-store.ts';
import { countedLate, duplicate, type Outcome } from './message-outcome.ts';

export interface DoneBeforePorts {
  readonly accounts: Pick<AccountStore, 'savedBatch'>;
  readonly clock: Timer;
  readonly owner: string;
  readonly leaseMs: number;
}

/**
 * What becomes of a message that the ledger has as done. It is a duplicate, unless a worker recorded this very message and
 * died before it counted it; then it is counted now, even if that was in an earlier run.
 *
 * @throws what the account store throws; the signal's reason
 */
export async function doneBefore(
  ports: DoneBeforePorts,
  key: string,
  claim: Extract<Claim, { state: 'done' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  return (await isUncounted(ports, claim, signal))
    ? countedLate(key, claim.as, claim.by)
    : duplicate('done-before', null);
}

/** A worker that lives counts a message while it still holds it, so half a lease is long enough to wait for that. */
async function isUncounted(
  { accounts, clock, owner, leaseMs }: DoneBeforePorts,
  { sameMessage, by }: Extract<Claim, { state: 'done' }>,
  signal: AbortSignal,
): Promise<boolean> {
  if (!sameMessage || by.owner === owner) return false;
  const isCounted = async () => (await accounts.savedBatch(by.owner)) >= by.number;
  if (await isCounted()) return false;
  await clock.sleep(leaseMs / 2, signal);
  return !(await isCounted());
}
