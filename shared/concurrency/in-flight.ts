/** The messages that a worker has taken and not yet ended, and a way to wait until there are less. */
export interface InFlight {
  count(): number;
  /** @param work ends with the message, and does not reject */
  add(work: Promise<void>): void;
  /** Resolves when the next one has ended. */
  less(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  const waiting: (() => void)[] = [];
  return {
    count: () => count,
    add(work) {
      count++;
      void work.finally(() => {
        count--;
        for (const resolve of waiting.splice(0)) resolve();
      });
    },
    less: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
