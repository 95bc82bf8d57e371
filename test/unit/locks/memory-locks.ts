import type { Clock } from '../../../shared/clock/clock.ts';
import { CLOCK_TOLERANCE_MS, type Holder, type Locks } from '../../../shared/locks/locks.ts';

/** What is stored under a lock's name. */
export interface StoredLock {
  readonly last: Holder | null;
  readonly reservedFor?: string | undefined;
}

/** The locks of a test. Several processes with clocks of their own may share one store. */
export function memoryLocks(clock: Clock, store = new Map<string, StoredLock>()): Locks {
  const now = () => clock.now().getTime();
  const current = (name: string): Holder | null => {
    const holder = store.get(name)?.last;
    return holder && holder.until.getTime() > now() ? holder : null;
  };
  const hold = (name: string, owner: string, leaseMs: number, note?: string) => {
    const until = new Date(now() + leaseMs);
    store.set(name, {
      last: { owner, until, ...(note !== undefined && { note }) },
      reservedFor: undefined,
    });
    return { held: true, until } as const;
  };
  /** For whom else the lock is reserved. */
  const others = (name: string, owner: string) => {
    const reservedFor = store.get(name)?.reservedFor;
    return reservedFor !== undefined && reservedFor !== owner ? { reservedFor } : null;
  };
  return {
    async take(name, owner, leaseMs, note) {
      const holder = store.get(name)?.last ?? null;
      const reserved = others(name, owner);
      const isHeld = holder && holder.owner !== owner && holder.until.getTime() >= now() - CLOCK_TOLERANCE_MS;
      if (isHeld || reserved) return { held: false, holder, ...reserved };
      return hold(name, owner, leaseMs, note);
    },
    async extend(name, owner, leaseMs) {
      const holder = current(name);
      const reserved = others(name, owner);
      if (holder?.owner !== owner || reserved) return { held: false, holder, ...reserved };
      return hold(name, owner, leaseMs, holder.note);
    },
    async release(name, owner) {
      const stored = store.get(name);
      if (stored?.last?.owner !== owner) return { released: false, holder: current(name) };
      if (stored.reservedFor === undefined) store.delete(name);
      else store.set(name, { ...stored, last: null });
      return { released: true };
    },
    holder: async (name) => current(name),
    async reserve(name, owner) {
      const reserved = others(name, owner);
      if (reserved) return { reserved: false, ...reserved };
      const last = store.get(name)?.last ?? null;
      store.set(name, { last, reservedFor: owner });
      return { reserved: true, last };
    },
    async unreserve(name, owner) {
      const stored = store.get(name);
      if (stored?.reservedFor !== owner) return;
      if (stored.last === null) store.delete(name);
      else store.set(name, { last: stored.last });
    },
  };
}
