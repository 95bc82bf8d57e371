import type { EnteredState, Pace } from '../../api/pace.ts';

/** One state that a test holds something in. */
export interface Held {
  /** Resolves when the thing is in the state and waits there. */
  readonly entered: Promise<void>;
  release(): void;
  fail(error: Error): void;
}

/** Holds what a test names in the states that it names; everything else goes on at once. */
export class HeldStates implements Pace {
  readonly #waiting: { suffix: string; status: string; held: Held; begin: () => void; end: Promise<void> }[] =
    [];

  /** Of the next thing whose ARN ends so, when it enters that state. */
  next(suffix: string, status: string): Held {
    const entered = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    end.promise.catch(() => {}); // the waiting call throws it
    const held = { entered: entered.promise, release: end.resolve, fail: end.reject };
    this.#waiting.push({ suffix, status, held, begin: entered.resolve, end: end.promise });
    return held;
  }

  async hold({ arn, status }: EnteredState, signal: AbortSignal): Promise<void> {
    const index = this.#waiting.findIndex((one) => arn.endsWith(one.suffix) && one.status === status);
    const [found] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (!found) return;
    found.begin();
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason));
    await Promise.race([found.end, aborted.promise]);
  }
}
