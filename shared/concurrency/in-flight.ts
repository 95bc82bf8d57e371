/** Work that was begun and has not ended, with a way to wait until some of it has. */
export interface InFlight {
  count(): number;
  /** @param work must not reject */
  add(work: Promise<void>): void;
  /** Resolves when the next piece of work ends. */
  next(): Promise<void>;
  /** Resolves when none is left. */
  idle(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  const waiting: (() => void)[] = [];
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  return {
    count: () => count,
    add(work) {
      count++;
      void work.finally(() => {
        count--;
        for (const resolve of waiting.splice(0)) resolve();
      });
    },
    next,
    async idle() {
      while (count > 0) await next();
    },
  };
}
