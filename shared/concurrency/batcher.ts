import DataLoader from 'dataloader';
import type { Timer } from '../clock/clock.ts';

/** Collects questions that are asked at about the same time, and answers them together. */
export interface Batcher<Question, Answer> {
  /** @throws the error of the batch, or of this question alone */
  ask(question: Question): Promise<Answer>;
  /** Resolves when each question has its answer. */
  idle(): Promise<void>;
}

export interface BatcherOptions {
  /** Questions in one batch. */
  readonly atMost: number;
  /** Milliseconds for which the first question of a batch waits for others. */
  readonly gatherMs: number;
  readonly clock: Timer;
  /** A batch starts when the one before has ended, and collects until then. */
  readonly oneAtATime?: boolean;
}

/**
 * @param answerAll answers in the order of the questions. An Error as an answer rejects its own question; where it throws,
 *   all questions of the batch are rejected
 */
export function createBatcher<Question, Answer>(
  answerAll: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>,
  { atMost, gatherMs, clock, oneAtATime = false }: BatcherOptions,
): Batcher<Question, Answer> {
  const running = new Set<Promise<void>>();
  let dispatched: PromiseWithResolvers<void> | null = null;

  function schedule(dispatch: () => void): void {
    const before = oneAtATime && running.size > 0 ? Promise.all(running) : clock.sleep(gatherMs);
    const end = Promise.withResolvers<void>();
    running.add(end.promise);
    void before.then(() => {
      dispatched = end;
      dispatch(); // calls the loader's function at once
    });
  }

  const loader = new DataLoader<Question, Answer>(
    async (questions) => {
      const end = dispatched;
      try {
        return await answerAll(questions);
      } finally {
        if (end) running.delete(end.promise);
        end?.resolve();
      }
    },
    { cache: false, maxBatchSize: atMost, batchScheduleFn: schedule },
  );

  return {
    ask: (question) => loader.load(question),
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
