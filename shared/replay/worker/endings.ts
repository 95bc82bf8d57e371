import { LedgerUnavailable } from '../../ledger/ledger.ts';
import type { Ended, Ending } from '../account/ending.ts';

/** Collects why a worker should end. The first ending makes it take on no more. */
export interface Endings {
  /** Fires with the first ending. */
  readonly signal: AbortSignal;
  end(ended: Ended, reason: string): void;
  /** Something is wrong: nothing more may be sent. */
  stop(reason: string): void;
  onError(error: unknown): void;
  /** The ending that counts: a stop, even if it came later. A queue may be empty because everything failed. */
  verdict(): Ending;
}

export function createEndings(): Endings {
  const endings: Ending[] = [];
  const ending = new AbortController();
  const end = (ended: Ended, reason: string) => {
    endings.push({ ended, reason });
    ending.abort();
  };
  const stop = (reason: string) => end('stopped', reason);
  return {
    signal: ending.signal,
    end,
    stop,
    onError: (error) => stop(describeError(error)),
    verdict() {
      const verdict = endings.find(({ ended }) => ended === 'stopped') ?? endings[0];
      if (!verdict) throw new Error('a worker ends for a reason');
      return verdict;
    },
  };
}

function describeError(error: unknown): string {
  if (error instanceof LedgerUnavailable) return `the ledger is unavailable: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
