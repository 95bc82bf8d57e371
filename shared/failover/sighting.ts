/** What a look at a signal found. `unknown`: it says nothing of the primary, for example because the watcher may not look. */
export type Seen = 'healthy' | 'failing' | 'unknown';

/** One look at a signal, or several in a row that found the same. */
export interface Sighting {
  /** Its name in the plan. */
  readonly signal: string;
  /** What was looked at, in words. A signal of the plan that now looks at something else begins anew. */
  readonly subject: string;
  readonly seen: Seen;
  /** The first look. */
  readonly from: Date;
  /** The last look. */
  readonly until: Date;
  /** What the last look found, in words. */
  readonly detail: string;
}

/** The signals are looked at this often. */
export const LOOKED_EVERY_MS = 60_000;

/** Looks further apart than this are not one series: what was between them is not known. One look may be late or missing. */
export const MAX_GAP_MS = 2.5 * LOOKED_EVERY_MS;

/** Clocks of AWS differ by milliseconds. What was seen later than this from now was seen by a wrong clock. */
const CLOCK_TOLERANCE_MS = 2_000;

/** How long a sighting is kept that is not the newest healthy one: enough to tell that a signal flaps. */
const KEPT_MS = 30 * 60_000;

/** Sightings of one signal that are kept at most. A signal that changes with each look has thirty in half an hour. */
const KEPT = 40;

/**
 * The series of one signal's sightings, in the order of time, whatever the order that they come in: healthy and failing ones,
 * and apart from them the unknown ones. An unknown look between two failed ones does not end their series, because it says nothing;
 * a healthy one does, and so does a gap in which nothing was looked at.
 *
 * @param now what was seen later than this is left out
 */
export function seriesOf(
  sightings: readonly Sighting[],
  now: Date,
): { decisive: readonly Sighting[]; unknown: readonly Sighting[] } {
  const past = sightings.filter(({ until }) => until.getTime() <= now.getTime() + CLOCK_TOLERANCE_MS);
  const decisive = past.filter(({ seen }) => seen !== 'unknown');
  const unknown = past.filter(({ seen }) => seen === 'unknown');
  return { decisive: join(decisive), unknown: join(unknown) };
}

function join(sightings: readonly Sighting[]): Sighting[] {
  const joined: Sighting[] = [];
  for (const each of split(sightings).toSorted(byTime)) {
    const last = joined.at(-1);
    if (last?.seen === each.seen && each.from.getTime() - last.until.getTime() <= MAX_GAP_MS) {
      const newer = [last, each].toSorted(byEnd).at(-1) ?? each;
      joined[joined.length - 1] = { ...newer, from: last.from };
    } else joined.push(each);
  }
  return joined;
}

/** Of a series that another finding stands in the middle of, only its two ends are known. */
function split(sightings: readonly Sighting[]): Sighting[] {
  return sightings.flatMap((each) => {
    const isBroken = sightings.some((other) => other.seen !== each.seen && breaks(other, each));
    if (!isBroken || each.from.getTime() === each.until.getTime()) return [each];
    return [
      { ...each, until: each.from },
      { ...each, from: each.until },
    ];
  });
}

/** At the same moment the failing one comes first, as in byTime. */
function breaks(other: Sighting, series: Sighting): boolean {
  return other.seen === 'healthy'
    ? other.from < series.until && other.until >= series.from
    : other.from <= series.until && other.until > series.from;
}

function byEnd(one: Sighting, other: Sighting): number {
  return one.until.getTime() - other.until.getTime() || one.detail.localeCompare(other.detail);
}

/** At the same moment the healthy one comes last: it ends the failure. */
function byTime(one: Sighting, other: Sighting): number {
  const order = { failing: 0, unknown: 0, healthy: 1 };
  return (
    one.from.getTime() - other.from.getTime() ||
    order[one.seen] - order[other.seen] ||
    one.until.getTime() - other.until.getTime() ||
    one.detail.localeCompare(other.detail)
  );
}

/**
 * What to keep of all sightings: series instead of single looks, no old ones but the last healthy one of each signal, nothing from
 * the future, and nothing of what the plan no longer looks at.
 *
 * @param subjects what each signal of the plan looks at
 */
export function remember(
  sightings: readonly Sighting[],
  subjects: Readonly<Record<string, string>>,
  now: Date,
): Sighting[] {
  return Object.entries(subjects).flatMap(([signal, subject]) => {
    const { decisive, unknown } = seriesOf(
      sightings.filter((each) => each.signal === signal && each.subject === subject),
      now,
    );
    const lastHealthy = decisive.findLast(({ seen }) => seen === 'healthy');
    const isRecent = ({ until }: Sighting) => now.getTime() - until.getTime() <= KEPT_MS;
    return [
      ...decisive.filter(
        (each, index) => isRecent(each) || each === lastHealthy || index === decisive.length - 1,
      ),
      ...unknown.filter(isRecent),
    ]
      .toSorted(byTime)
      .filter((each, index, all) => index >= all.length - KEPT || each === lastHealthy);
  });
}
