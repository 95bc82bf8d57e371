import type { Timer } from '../../../shared/clock/clock.ts';
import type { WorkerAccount } from '../../../shared/replay/account/account-store.ts';
import type { DrainPorts } from '../../../shared/replay/worker/drain.ts';

/** The accounts of all workers, as the journal keeps them. */
export function memoryAccounts(clock: Timer) {
  const saved = new Map<string, WorkerAccount>();
  const store: DrainPorts['accounts'] = {
    async save({ owner, number }, account, ending) {
      const before = saved.get(owner);
      if (before && (before.batch > number || (before.batch === number && before.ending !== null))) return;
      saved.set(owner, { owner, batch: number, account, savedAt: clock.now(), ending });
    },
    savedBatch: async (owner) => saved.get(owner)?.batch ?? 0,
  };
  return { store, all: () => [...saved.values()] };
}
