import type { Timer } from '../../../shared/clock/clock.ts';
import type { DrainPorts } from '../../../shared/replay/worker/drain.ts';

/** What happens to a worker: it dies, a call of its fails, or takes effect and its answer is lost. */
export type Mishap = 'dies' | 'fails' | 'loses the answer';

/** A worker's life. Its moments are counted: before and after each call that it makes. */
export interface Life {
  /** Its calls so far, each counted before and after. */
  moments(): number;
  /** Resolves when it dies. */
  readonly died: Promise<void>;
  /** The same ports, as this worker meets them. */
  live(ports: DrainPorts): DrainPorts;
}

const LATENCY_MS = 3;

const forever = new Promise<never>(() => {});

/**
 * A worker to which something happens at one of its moments, or at some in a row. Once dead, nothing that it calls takes
 * effect, and no answer reaches it. A target and a lock do not fail: the one answers always, the other is only read.
 */
export function lifeWith(mishap: Mishap, { at, times = 1 }: { at: number; times?: number }): Life {
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  let moments = 0;
  let dead = false;

  async function moment(when: 'before' | 'after', canFail: boolean): Promise<void> {
    if (dead) return forever;
    moments += 1;
    if (moments < at || moments >= at + times) return;
    if (mishap === 'dies') {
      dead = true;
      die();
      return forever;
    }
    if (canFail && (mishap === 'fails') === (when === 'before')) throw new Error(`the worker ${mishap}`);
  }

  function meet<Port extends object>(port: Port, clock: Timer, canFail = true): Port {
    const met = Object.entries(port).map(([name, work]) => [
      name,
      async (...args: unknown[]) => {
        await clock.sleep(LATENCY_MS);
        await moment('before', canFail);
        const answer = await work(...args);
        await moment('after', canFail);
        await clock.sleep(LATENCY_MS);
        return dead ? forever : answer;
      },
    ]);
    return Object.fromEntries(met);
  }

  return {
    moments: () => moments,
    died,
    live: ({ queue, ledger, target, quarantine, alreadyApplied, accounts, locks, clock }) => ({
      queue: meet(queue, clock),
      ledger: meet(ledger, clock),
      target: meet(target, clock, false),
      quarantine: meet(quarantine, clock),
      alreadyApplied: alreadyApplied && meet(alreadyApplied, clock),
      accounts: meet(accounts, clock),
      locks: meet(locks, clock, false),
      clock: {
        now: clock.now,
        async sleep(milliseconds, signal) {
          try {
            await clock.sleep(milliseconds, signal);
          } finally {
            if (dead) await forever;
          }
        },
      },
    }),
  };
}

/** The life of a worker to which nothing happens. */
export const longLife = (): Life => lifeWith('dies', { at: Number.POSITIVE_INFINITY });
