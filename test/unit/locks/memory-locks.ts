import type { Clock } from '../../../shared/clock/clock.ts';
import { CLOCK_TOLERANCE_MS, type Holder, type Locks } from '../../../shared/locks/locks.ts';

/** The locks of a test. Several processes with clocks of their own may share one store. */
export function memoryLocks(clock: Clock, store = new Map<string, Holder>()): Locks {
  const now = () => clock.now().getTime();
  const current = (name: string): Holder | null => {
    const holder = store.get(name);
    return holder && holder.until.getTime() > now() ? holder : null;
  };
  const hold = (name: string, owner: string, leaseMs: number) => {
    const until = new Date(now() + leaseMs);
    store.set(name, { owner, until });
    return { held: true, until } as const;
  };
  return {
    async take(name, owner, leaseMs) {
      const holder = store.get(name);
      if (holder && holder.owner !== owner && holder.until.getTime() >= now() - CLOCK_TOLERANCE_MS)
        return { held: false, holder };
      return hold(name, owner, leaseMs);
    },
    async extend(name, owner, leaseMs) {
      const holder = current(name);
      return holder?.owner === owner ? hold(name, owner, leaseMs) : { held: false, holder };
    },
    async release(name, owner) {
      if (store.get(name)?.owner !== owner) return { released: false, holder: current(name) };
      store.delete(name);
      return { released: true };
    },
    holder: async (name) => current(name),
  };
}
