import type { Clock } from '../clock/clock.ts';
import type { Progress, ProgressReporter } from '../progress/progress.ts';
import type { Journal } from './journal.ts';

/** A person watching is served by a report a second; a table of DynamoDB is not by one for each block. */
const INTERVAL_MS = 1_000;

/**
 * Reports progress into the journal, at most once a second and one write at a time. A write that fails is dropped: to
 * lose sight of a backup is no reason to lose the backup.
 */
export function journalProgress(journal: Journal, record: string, clock: Clock): ProgressReporter {
  let last = 0;
  let writing: Promise<void> | null = null;
  let waiting: Progress | null = null;
  const write = (progress: Progress): void => {
    last = clock.now().getTime();
    waiting = null;
    writing = journal
      .reportProgress(record, progress)
      .catch(() => {})
      .finally(() => {
        writing = null;
      });
  };
  return {
    report(progress) {
      waiting = progress;
      if (!writing && clock.now().getTime() - last >= INTERVAL_MS) write(progress);
    },
    async settled() {
      await writing;
      if (waiting) write(waiting);
      await writing;
    },
  };
}
