import type { Progress } from '../../shared/journal/progress.ts';

/** A report of progress, and when it was seen. */
export interface Sample {
  readonly at: number;
  readonly progress: Progress;
}

/** The rate is that of the last seconds: an average over all hides that a copy has come to a halt. */
const WINDOW_MS = 5_000;

/**
 * Adds a report. A new activity starts anew, as its bytes are others; so does an attempt that begins again from nothing.
 */
export function addSample(samples: readonly Sample[], { at, progress }: Sample): readonly Sample[] {
  const last = samples.at(-1)?.progress;
  const goesOn = last?.doing === progress.doing && last.bytes <= progress.bytes;
  return [...(goesOn ? samples.filter((sample) => at - sample.at <= WINDOW_MS) : []), { at, progress }];
}

/** Bytes a second over the samples; null until there are two. */
export function bytesPerSecond(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.progress.bytes - first.progress.bytes) / (last.at - first.at)) * 1_000;
}
