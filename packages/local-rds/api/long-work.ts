import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskFull } from '../state/disk-full.ts';

/** How long a full disk is given before the failure is written down again. */
const AGAIN_AFTER_MS = 500;

/** Writes a failure down. On a full disk it is tried again until there is room: that never ends the program. */
export async function onceThereIsRoom(write: () => void | Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (problem) {
      if (!isDiskFull(problem) || signal.aborted) throw problem;
      await sleep(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** Operations that go on after their request was answered. */
export class LongWork {
  readonly #stopping = new AbortController();
  readonly #regions = new Map<string, AbortController>();
  readonly #running = new Map<Promise<void>, string | undefined>();

  /** Aborts when the program stops: what is under way then is left as it is, for the next start. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Begins at once. `failed` is told of an error unless the program is stopping or the Region is gone, `ended` of every end.
   * Work of no Region ends with the program only.
   */
  begin(
    region: string | undefined,
    work: (signal: AbortSignal) => Promise<void>,
    failed: (error: Error) => void | Promise<void>,
    ended: () => void = () => {},
  ): void {
    const signal = this.#signalOf(region);
    const running: Promise<void> = work(signal)
      .catch((error: Error) => {
        if (!signal.aborted) return onceThereIsRoom(() => failed(error), signal);
      })
      .finally(() => {
        this.#running.delete(running);
        ended();
      });
    this.#running.set(running, region);
  }

  /** Ends everything that is under way and returns when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service is stopping.'));
    while (this.#running.size > 0) await Promise.allSettled(this.#running.keys());
  }

  /** Ends what is under way in a Region, which is left as it is, and returns when it has ended. More may be begun at once. */
  async interrupt(region: string): Promise<void> {
    const there = [...this.#running].filter(([, where]) => where === region).map(([running]) => running);
    this.#regions.get(region)?.abort(new Error(`The Region ${region} is down.`));
    this.#regions.delete(region);
    await Promise.allSettled(there);
  }

  #signalOf(region: string | undefined): AbortSignal {
    if (region === undefined) return this.signal;
    const controller = this.#regions.get(region) ?? new AbortController();
    this.#regions.set(region, controller);
    return AbortSignal.any([this.signal, controller.signal]);
  }
}
