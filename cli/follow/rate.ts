/** How much work was done at a given time. */
export interface Sample {
  readonly at: number;
  /** The unit being counted. */
  readonly of: string;
  readonly done: number;
}

/** The rate covers the last seconds: an average over the whole run would hide that work has stopped. */
const WINDOW_MS = 5_000;

/** Adds a sample. Counting restarts when the unit changes, or when an attempt starts again from zero. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  const goesOn = last?.of === sample.of && last.done <= sample.done;
  return [...(goesOn ? samples.filter(({ at }) => sample.at - at <= WINDOW_MS) : []), sample];
}

/** Units per second over the samples; null until there are two. */
export function perSecond(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.done - first.done) / (last.at - first.at)) * 1_000;
}
