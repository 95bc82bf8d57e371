/** How much of something was done at a time. */
export interface Sample {
  readonly at: number;
  /** What is counted. */
  readonly of: string;
  readonly done: number;
}

/** The rate is that of the last seconds: an average over all hides that the work has come to a halt. */
const WINDOW_MS = 5_000;

/** Adds a sample. Another thing that is counted starts anew; so does an attempt that begins again from nothing. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  const goesOn = last?.of === sample.of && last.done <= sample.done;
  return [...(goesOn ? samples.filter(({ at }) => sample.at - at <= WINDOW_MS) : []), sample];
}

/** How much a second over the samples; null until there are two. */
export function perSecond(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.done - first.done) / (last.at - first.at)) * 1_000;
}
