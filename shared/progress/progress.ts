/** How far a long step has come. A later report replaces an earlier one. */
export interface Progress {
  /** What is being done, in two or three words: `copying rows`. */
  readonly doing: string;
  readonly bytes: number;
  readonly tasksDone: number;
  readonly tasksTotal: number;
}

/** Takes reports of progress. It may drop some, it must not fail the work, and it keeps the last. */
export interface ProgressReporter {
  report(progress: Progress): void;
  /** Resolves when what was reported is written. */
  settled(): Promise<void>;
}
