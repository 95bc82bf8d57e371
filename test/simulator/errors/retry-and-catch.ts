import { settle } from '../data/output.ts';
import type { Step, Visit } from '../visit.ts';
import type { Catcher } from './catcher.ts';
import type { Retrier } from './retrier.ts';
import { matches, StateFailure } from './state-failure.ts';

interface ErrorFields {
  readonly Retry?: readonly Retrier[] | undefined;
  readonly Catch?: readonly Catcher[] | undefined;
}

/**
 * Runs a Task, Parallel or Map under its Retry and Catch. Only the first matching retrier decides. Each counts its own
 * retries; an exhausted one passes the error to the catchers (spec, "Retrying after error", "Fallback states").
 */
export async function withRetryAndCatch(
  state: ErrorFields,
  visit: Visit,
  attempt: (visit: Visit) => Promise<Step>,
): Promise<Step> {
  const retries = new Map<Retrier, number>();
  for (let retryCount = 0; ; retryCount += 1) {
    const current = { ...visit, retryCount };
    try {
      return await attempt(current);
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delay = nextDelay(state.Retry ?? [], retries, failure, current);
      if (delay === undefined) return await caught(state.Catch ?? [], failure, current);
      await visit.engine.clock.sleep(visit.frame.strand, delay);
    }
  }
}

/** Seconds until the next attempt; nothing if no retrier applies. */
function nextDelay(
  retriers: readonly Retrier[],
  retries: Map<Retrier, number>,
  failure: StateFailure,
  visit: Visit,
): number | undefined {
  const index = retriers.findIndex((it) => matches(it.ErrorEquals, failure));
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const used = retries.get(retrier) ?? 0;
  if (used >= retrier.MaxAttempts) {
    visit.engine.note({ kind: 'exhausted', state: visit.name, index });
    return undefined;
  }
  retries.set(retrier, used + 1);
  visit.engine.note({ kind: 'retried', state: visit.name, index });
  const backoff = retrier.IntervalSeconds * retrier.BackoffRate ** used;
  const delay = Math.min(backoff, retrier.MaxDelaySeconds ?? backoff);
  // FULL: "a random delay between 0 and the calculated delay" (developer guide, "Retry field examples using backoff")
  return retrier.JitterStrategy === 'FULL' ? delay * visit.engine.random.next() : delay;
}

async function caught(catchers: readonly Catcher[], failure: StateFailure, visit: Visit): Promise<Step> {
  const index = catchers.findIndex((it) => matches(it.ErrorEquals, failure));
  const catcher = catchers[index];
  if (catcher === undefined) throw failure;
  visit.engine.note({ kind: 'caught', state: visit.name, index });
  const errorOutput = { Error: failure.error, Cause: failure.reason };
  return { output: await settle(catcher, visit, errorOutput, { errorOutput }), next: catcher.Next };
}
