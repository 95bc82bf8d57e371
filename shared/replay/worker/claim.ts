import type { Timer } from '../../clock/clock.ts';
import type { Batcher } from '../../concurrency/batcher.ts';
import type { Claim, ClaimRequest } from '../../ledger/ledger.ts';

export interface ClaimPorts {
  readonly claims: Batcher<ClaimRequest, Claim>;
  readonly clock: Timer;
  /** Fires when the worker ends. */
  readonly ending: AbortSignal;
}

/** A key that another worker holds is asked for again after so long. */
const BUSY_MS = 250;

/**
 * Claims a key. While another worker holds it, this waits: that worker ends soon, or its lease does.
 *
 * @returns `busy` only if this worker is ending
 * @throws LedgerUnavailable, LedgerDamaged; the signal's reason
 */
export async function claim(
  { claims, clock, ending }: ClaimPorts,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<Claim> {
  for (;;) {
    const claimed = await claims.ask(request);
    if (claimed.state !== 'busy' || ending.aborted) return claimed;
    await clock.sleep(BUSY_MS, signal);
  }
}
