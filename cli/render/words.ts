import { formatDuration } from '../../shared/plan/values/duration.ts';
import type { Progress } from '../../shared/progress/progress.ts';
import { bytes } from '../../shared/run/quantity.ts';

/** A duration; never negative, even if the clock was set back in between. */
export function took(milliseconds: number): string {
  return formatDuration(Math.max(0, milliseconds));
}

/** How long ago something happened: `3h 12m ago`. */
export function ago(at: Date, now: Date): string {
  return `${took(Math.floor((now.getTime() - at.getTime()) / 1_000) * 1_000)} ago`;
}

/** The current work and its progress: `copying rows, 45 MB at 40 MB/s, 12 of 24`. */
export function progressInWords(
  { doing, bytes: done, tasksDone, tasksTotal }: Progress,
  rate: number | null,
): string {
  const speed = rate === null || rate <= 0 ? '' : ` at ${bytes(rate)}/s`;
  return [
    doing,
    ...(done > 0 ? [`${bytes(done)}${speed}`] : []),
    ...(tasksTotal > 0 ? [`${tasksDone} of ${tasksTotal}`] : []),
  ].join(', ');
}

/** A UTC time to the second, in the format of AWS logs. */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`.replace('T', ' ');
}
