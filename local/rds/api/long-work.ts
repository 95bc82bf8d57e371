/** Operations that go on after their request was answered. */
export class LongWork {
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();

  /** Aborts when the program stops: what is under way then is left as it is, for the next start. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Begins at once. `failed` is told of an error unless the program is stopping, `ended` of every end. */
  begin(
    work: (signal: AbortSignal) => Promise<void>,
    failed: (error: Error) => void | Promise<void>,
    ended: () => void = () => {},
  ): void {
    const running: Promise<void> = work(this.signal)
      .catch((error: Error) => {
        if (!this.signal.aborted) return failed(error);
      })
      .finally(() => {
        this.#running.delete(running);
        ended();
      });
    this.#running.add(running);
  }

  /** Ends everything that is under way and returns when it has ended. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('The service is stopping.'));
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
