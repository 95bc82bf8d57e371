import type { Evidence } from '../../../shared/failover/assess.ts';
import type { Seen, Sighting } from '../../../shared/failover/sighting.ts';
import { MINUTE, milliseconds } from '../../../shared/plan/values/duration.ts';

/** The moments of these tests are minutes after it. */
export const START = Date.UTC(2026, 0, 5, 12, 0, 0);

export const at = (minutes: number): Date => new Date(START + minutes * MINUTE);

const SEEN: Readonly<Record<string, Seen>> = { h: 'healthy', f: 'failing', u: 'unknown' };

/** A look. */
export function look(signal: string, seen: Seen, minutes: number): Sighting {
  return {
    signal,
    subject: signal,
    seen,
    from: at(minutes),
    until: at(minutes),
    detail: `${seen} at ${minutes}`,
  };
}

/** Looks once a minute: `hhff` is two healthy ones and two failed ones. A space is a minute without a look. */
export function looks(signal: string, pattern: string, from = 0): Sighting[] {
  return [...pattern].flatMap((letter, index) => {
    const seen = SEEN[letter];
    return seen ? [look(signal, seen, from + index)] : [];
  });
}

/** Two of three signals decide, each failing for two minutes. A test states what differs. */
export function evidence(difference: Partial<Evidence> = {}): Evidence {
  const signal = { failsFor: milliseconds(2 * MINUTE) };
  return {
    signals: { health: signal, database: signal, errors: signal },
    decide: {
      of: ['health', 'database', 'errors'],
      atLeast: 2,
      notWithin: milliseconds(360 * MINUTE),
      blackout: [],
    },
    sightings: [],
    switchedOff: null,
    lastFailover: null,
    ...difference,
  };
}
