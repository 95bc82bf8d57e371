import { describe, expect, test } from 'vitest';
import type { Journal } from '../../../shared/journal/journal.ts';
import { journalProgress } from '../../../shared/journal/journal-progress.ts';
import type { Progress } from '../../../shared/progress/progress.ts';

const progress = (bytes: number): Progress => ({ doing: 'copying rows', bytes, tasksDone: 0, tasksTotal: 9 });

/** A journal whose writes end when the test says so, and a clock that the test sets. */
function watched() {
  const written: number[] = [];
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const journal: Pick<Journal, 'reportProgress'> = {
    reportProgress(record, { bytes }) {
      expect(record).toBe('record');
      written.push(bytes);
      return new Promise((resolve, reject) => pending.push({ resolve, reject }));
    },
  };
  let now = Date.parse('2026-10-05T02:00:00Z');
  const reporter = journalProgress(journal as Journal, 'record', { now: () => new Date(now) });
  return {
    reporter,
    written,
    async end(error?: Error) {
      const write = pending.shift();
      if (!write) throw new Error('nothing is being written');
      if (error) write.reject(error);
      else write.resolve();
      await new Promise(setImmediate);
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('progress', () => {
  test('is written at once the first time, and then at most once a second', async () => {
    const { reporter, written, end, pass } = watched();
    reporter.report(progress(1));
    await end();
    reporter.report(progress(2));
    pass(999);
    reporter.report(progress(3));
    expect(written).toEqual([1]);
    pass(1);
    reporter.report(progress(4));
    expect(written).toEqual([1, 4]);
  });

  test('is written one at a time, however slow the journal is', async () => {
    const { reporter, written, end, pass } = watched();
    reporter.report(progress(1));
    pass(60_000);
    reporter.report(progress(2));
    expect(written).toEqual([1]);
    await end();
    reporter.report(progress(3));
    expect(written).toEqual([1, 3]);
  });

  test('keeps the last report until it is settled', async () => {
    const { reporter, written, end } = watched();
    reporter.report(progress(1));
    reporter.report(progress(2));
    reporter.report(progress(3));
    let settled = false;
    const settling = reporter.settled().then(() => {
      settled = true;
    });
    await end();
    expect(written).toEqual([1, 3]);
    expect(settled).toBe(false);
    await end();
    await settling;
  });

  test('that was all written is settled without another write', async () => {
    const { reporter, written, end } = watched();
    reporter.report(progress(1));
    const settling = reporter.settled();
    await end();
    await settling;
    expect(written).toEqual([1]);
    await reporter.settled();
    expect(written).toEqual([1]);
  });

  test('that was never made is settled', async () => {
    const { reporter, written } = watched();
    await reporter.settled();
    expect(written).toEqual([]);
  });

  test('that cannot be written is dropped, and the next one is tried', async () => {
    const { reporter, written, end, pass } = watched();
    reporter.report(progress(1));
    await end(new Error('throttled'));
    pass(1_000);
    reporter.report(progress(2));
    const settling = reporter.settled();
    await end(new Error('throttled'));
    await settling;
    expect(written).toEqual([1, 2]);
  });
});
