/** Does work one after the other in each lane, and side by side otherwise. */
export interface KeyedQueue {
  /** A lane of null is no lane: the work starts at once. */
  run<T>(lane: string | null, work: () => Promise<T>): Promise<T>;
}

/** KeyedQueue that exist for as long as there is work in them. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(lane, work) {
      if (lane === null) return work();
      const before = tails.get(lane);
      const mine = before ? before.then(work, work) : work();
      tails.set(lane, mine);
      const leave = () => {
        if (tails.get(lane) === mine) tails.delete(lane);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
}
