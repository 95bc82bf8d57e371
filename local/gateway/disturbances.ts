import type { RecordedCall } from './calls.ts';

/** What happens instead of, or before, the call. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message: string }
  | { readonly delayMs: number }
  /** Flips one bit of the response body at this byte, as when an object is corrupted. */
  | { readonly flipByteAt: number }
  /** The connection is cut, as when a Region is down. */
  | 'drop';

/** Selects calls: every given field must match. */
export interface Match {
  readonly region?: string;
  readonly service?: string;
  readonly action?: string;
  readonly role?: string;
  /** Part of the path: a key of a bucket, or a piece of one. */
  readonly path?: string;
}

/** A fault, the calls it affects, and how many of them; without `times` until it is lifted. */
export interface Disturbance {
  readonly match: Match;
  readonly fault: Fault;
  readonly times?: number;
}

/** The parts of a call that a disturbance checks. */
export type Disturbable = Pick<RecordedCall, 'region' | 'service' | 'caller'> & {
  path: string;
  actions: readonly string[];
};

/** The active faults. The oldest that matches a call applies. */
export class Disturbances {
  readonly #active = new Map<Disturbance, number>();

  /** Returns a function that lifts it. */
  add(disturbance: Disturbance): () => void {
    this.#active.set(disturbance, disturbance.times ?? Number.POSITIVE_INFINITY);
    return () => void this.#active.delete(disturbance);
  }

  /** The fault for this call, if any; this counts as one use. */
  take(call: Disturbable): Fault | undefined {
    for (const [disturbance, left] of this.#active) {
      if (!fits(disturbance.match, call)) continue;
      if (left > 1) this.#active.set(disturbance, left - 1);
      else this.#active.delete(disturbance);
      return disturbance.fault;
    }
    return undefined;
  }
}

function fits(match: Match, call: Disturbable): boolean {
  return (
    (match.region ?? call.region) === call.region &&
    (match.service ?? call.service) === call.service &&
    (match.action === undefined || call.actions.includes(match.action)) &&
    (match.role ?? call.caller?.roleName) === call.caller?.roleName &&
    (match.path === undefined || call.path.includes(match.path))
  );
}
