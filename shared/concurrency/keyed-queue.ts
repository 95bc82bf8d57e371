/** Runs work of one key one after the other, and work of different keys at the same time. */
export interface KeyedQueue {
  /** Work without a key (null) starts at once. @throws what the work throws; the next work of its key runs all the same */
  run<T>(key: string | null, work: () => Promise<T>): Promise<T>;
}

/** Remembers a key for as long as there is work of it. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      if (key === null) return work();
      const before = tails.get(key);
      const mine = before ? before.then(work, work) : work();
      tails.set(key, mine);
      const leave = () => {
        if (tails.get(key) === mine) tails.delete(key);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
}
