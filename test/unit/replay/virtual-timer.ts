import type { Timer } from '../../../shared/clock/clock.ts';

/** A clock that stands still until everybody who could go on waits, and then jumps to the first who is due. */
export function virtualTimer(start = Date.parse('2026-11-01T00:00:00Z')): Timer {
  let now = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  let scheduled = false;
  const step = () => {
    scheduled = false;
    sleepers.sort((a, b) => a.at - b.at);
    const first = sleepers.shift();
    if (!first) return;
    now = Math.max(now, first.at);
    first.wake();
    schedule();
  };
  const schedule = () => {
    if (scheduled || sleepers.length === 0) return;
    scheduled = true;
    setImmediate(step);
  };
  return {
    now: () => new Date(now),
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + milliseconds, wake: resolve };
        signal?.addEventListener('abort', () => {
          sleepers.splice(0, sleepers.length, ...sleepers.filter((other) => other !== sleeper));
          reject(signal.reason);
        });
        sleepers.push(sleeper);
        schedule();
      });
    },
  };
}
