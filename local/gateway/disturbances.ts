import type { RecordedCall } from './calls.ts';

/** What happens instead of, or before, the call. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message: string }
  | { readonly delayMs: number }
  /** One bit of the answer's body is turned over, at this byte: what a reader sees of a rotten object. */
  | { readonly flipByteAt: number }
  /** The connection is cut, as by a Region that is gone. */
  | 'drop';

/** Which calls: all that is given must fit. */
export interface Match {
  readonly region?: string;
  readonly service?: string;
  readonly action?: string;
  readonly role?: string;
  /** Part of the path: a key of a bucket, or a piece of one. */
  readonly path?: string;
}

/** A fault, the calls it meets, and how many of them; without `times` until it is lifted. */
export interface Disturbance {
  readonly match: Match;
  readonly fault: Fault;
  readonly times?: number;
}

/** The call as far as a disturbance looks at it. */
export type Disturbable = Pick<RecordedCall, 'region' | 'service' | 'caller'> & {
  path: string;
  actions: readonly string[];
};

/** The faults in force. The oldest that fits a call meets it. */
export class Disturbances {
  readonly #active = new Map<Disturbance, number>();

  /** Returns how to lift it. */
  add(disturbance: Disturbance): () => void {
    this.#active.set(disturbance, disturbance.times ?? Number.POSITIVE_INFINITY);
    return () => void this.#active.delete(disturbance);
  }

  /** The fault for this call, if any; it counts as used. */
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
