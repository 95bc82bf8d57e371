import type { Blackout, Decide, Signal } from '../plan/sections/failover.ts';
import { formatDuration } from '../plan/values/duration.ts';
import { blackoutAt } from './blackout.ts';
import { MAX_GAP_MS, type Seen, type Sighting, seriesOf } from './sighting.ts';

/** A signal as it stands now. */
export interface SignalState {
  readonly name: string;
  readonly seen: Seen;
  /** Since when it is seen so without a break; null if it was never looked at. */
  readonly since: Date | null;
  /** When it was last seen healthy; null if it never was. */
  readonly lastHealthy: Date | null;
  /** What the last look found, or why nothing is known. */
  readonly detail: string;
  /** It failed several times within a quarter of an hour. */
  readonly flaps: boolean;
  /** It has failed for its whole time. */
  readonly counts: boolean;
  /** It is one of those that decide. */
  readonly decides: boolean;
}

/** Whether the primary Region is lost, by what was seen of it from outside. */
export type Assessment =
  | {
      readonly primary: 'lost';
      /** From this look on as many signals failed as the plan asks for. The RTO is counted from `lastHealthy`, or from here. */
      readonly since: Date;
      /** The last look at which fewer failed: it was lost after it. Null where that is not known. */
      readonly lastHealthy: Date | null;
      /** Why no failover may start by itself now. A person may start one all the same. */
      readonly held: readonly string[];
      readonly signals: readonly SignalState[];
    }
  | { readonly primary: 'healthy'; readonly signals: readonly SignalState[] }
  | {
      readonly primary: 'undecided';
      readonly because: readonly string[];
      readonly signals: readonly SignalState[];
    };

/** Somebody switched the automatic failover off. */
export interface SwitchedOff {
  readonly since: Date;
  readonly by: string;
  readonly reason: string;
}

/** What a decision is made from. */
export interface Evidence {
  readonly signals: Readonly<Record<string, Pick<Signal, 'failsFor'>>>;
  readonly decide: Pick<Decide, 'of' | 'atLeast' | 'notWithin'> & { readonly blackout: readonly Blackout[] };
  /** In any order. */
  readonly sightings: readonly Sighting[];
  readonly switchedOff: SwitchedOff | null;
  /** When the last failover ended; null if none ever ran. */
  readonly lastFailover: Date | null;
}

/** A signal flaps if it failed so many times in FLAPS_WITHIN_MS. */
const FLAPS_FROM = 3;
const FLAPS_WITHIN_MS = 15 * 60_000;
/** One that flaps counts only after so many times its own time. */
const FLAPPING_FACTOR = 3;

/**
 * Decides whether the primary Region is lost.
 *
 * *Lost*: at least `atLeast` of the signals that decide have failed for their whole time, without a healthy look between. *Healthy*: so
 * many are healthy that the others cannot be enough. Everything else is *undecided*, with the reasons. A signal is unknown, and counts
 * as neither, while it was not looked at lately, while the look itself could not be made, and until it was first seen healthy:
 * a wrong address or a closed port fails from the first day on.
 */
export function assess(evidence: Evidence, now: Date): Assessment {
  const { signals: planned, decide } = evidence;
  const signals = Object.entries(planned).map(([name, { failsFor }]) =>
    stateOf(name, failsFor, evidence, now),
  );
  const deciding = signals.filter(({ decides }) => decides);
  const failed = deciding.filter(({ counts }) => counts).toSorted(bySince);
  const enough = failed[decide.atLeast - 1];
  if (enough?.since)
    return {
      primary: 'lost',
      since: enough.since,
      lastHealthy: enough.lastHealthy,
      held: reasonsToHold(evidence, now),
      signals,
    };
  const healthy = deciding.filter(({ seen, flaps }) => seen === 'healthy' && !flaps);
  if (deciding.length - healthy.length < decide.atLeast) return { primary: 'healthy', signals };
  const because = deciding
    .filter((each) => !healthy.includes(each))
    .map((each) => inWords(each, planned[each.name]?.failsFor ?? 0, now));
  return { primary: 'undecided', because, signals };
}

function bySince(one: SignalState, other: SignalState): number {
  return (one.since?.getTime() ?? 0) - (other.since?.getTime() ?? 0);
}

function stateOf(
  name: string,
  failsFor: number,
  { sightings, decide }: Pick<Evidence, 'sightings' | 'decide'>,
  now: Date,
): SignalState {
  const { decisive, unknown } = seriesOf(
    sightings.filter(({ signal }) => signal === name),
    now,
  );
  const last = decisive.at(-1);
  const lastUnknown = unknown.at(-1);
  const newest = lastUnknown && (!last || lastUnknown.until >= last.until) ? lastUnknown : last;
  const lastHealthy = decisive.findLast(({ seen }) => seen === 'healthy')?.until ?? null;
  const recent = now.getTime() - FLAPS_WITHIN_MS;
  const failures = decisive.filter(({ seen, until }) => seen === 'failing' && until.getTime() > recent);
  const flaps = failures.length >= FLAPS_FROM;
  const state = { name, lastHealthy, flaps, counts: false, decides: decide.of.includes(name) };
  if (!newest) return { ...state, seen: 'unknown', since: null, detail: 'it was never looked at' };
  if (now.getTime() - newest.until.getTime() > MAX_GAP_MS) {
    const detail = `it was not looked at since ${newest.until.toISOString()}`;
    return { ...state, seen: 'unknown', since: newest.until, detail };
  }
  const { seen, from: since, until, detail } = newest;
  if (seen === 'failing' && lastHealthy === null)
    return { ...state, seen: 'unknown', since, detail: `it was never seen healthy from here: ${detail}` };
  const time = flaps ? FLAPPING_FACTOR * failsFor : failsFor;
  const lasted = until.getTime() - since.getTime();
  return { ...state, seen, since, detail, counts: seen === 'failing' && lasted >= time };
}

function inWords({ name, seen, since, detail, flaps }: SignalState, failsFor: number, now: Date): string {
  if (seen === 'unknown') return `${name} is unknown: ${detail}`;
  const often = `${name} flaps: it failed several times in ${formatDuration(FLAPS_WITHIN_MS)}`;
  if (seen === 'healthy') return `${often}, and is healthy now`;
  const time = flaps ? FLAPPING_FACTOR * failsFor : failsFor;
  const lasted = Math.max(0, now.getTime() - (since?.getTime() ?? now.getTime()));
  const fails = `fails for ${formatDuration(Math.floor(lasted / 1000) * 1000)} and counts after ${formatDuration(time)}`;
  return `${flaps ? `${often}, and ` : `${name} `}${fails}: ${detail}`;
}

function reasonsToHold({ switchedOff, lastFailover, decide }: Evidence, now: Date): string[] {
  const reasons: string[] = [];
  if (switchedOff)
    reasons.push(
      `${switchedOff.by} switched the automatic failover off at ${switchedOff.since.toISOString()}: ${switchedOff.reason}`,
    );
  const window = blackoutAt(decide.blackout, now);
  if (window) reasons.push(`a blackout lasts until ${window.until.toISOString()}: ${window.why}`);
  if (lastFailover && now.getTime() - lastFailover.getTime() < decide.notWithin)
    reasons.push(
      `the last failover ended at ${lastFailover.toISOString()}, less than ${formatDuration(decide.notWithin)} ago`,
    );
  return reasons;
}
