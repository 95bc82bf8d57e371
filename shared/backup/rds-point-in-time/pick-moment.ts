import type { RestorableWindow } from './automated-backups.ts';
import { isWithin, momentId } from './moment.ts';

/** A moment with a heartbeat before and one after it, so that a copy shows whether it stops there. */
export interface PickedMoment {
  /** A whole second: RDS restores to no other. */
  readonly moment: Date;
  readonly before: Date;
  readonly after: Date;
}

/** What was picked, or why nothing can be. */
export type Picked =
  | ({ readonly kind: 'picked' } & PickedMoment)
  | { readonly kind: 'none'; readonly because: string };

/**
 * A heartbeat names the time at which its writer read the clock, and is committed a little later. A moment has to be further than
 * that from both.
 */
const COMMITTED_WITHIN_MS = 5_000;

/**
 * Picks the newest moment between two heartbeats that can be restored: the whole second nearest to their middle.
 *
 * @param heartbeats in any order
 */
export function pickMoment(heartbeats: readonly Date[], window: RestorableWindow): Picked {
  const times = [...new Set(heartbeats.map((beat) => beat.getTime()))].sort((one, other) => other - one);
  if (times.length < 2)
    return { kind: 'none', because: `it takes two heartbeats, and there are ${times.length}` };
  for (const [index, after] of times.slice(0, -1).entries()) {
    const before = times[index + 1] ?? after;
    const moment = new Date(Math.round((before + after) / 2_000) * 1_000);
    const apart = Math.min(moment.getTime() - before, after - moment.getTime());
    if (apart >= COMMITTED_WITHIN_MS && isWithin(window, moment))
      return { kind: 'picked', moment, before: new Date(before), after: new Date(after) };
  }
  const [earliest, latest] = [momentId(window.earliest), momentId(window.latest)];
  return {
    kind: 'none',
    because: `no moment from ${earliest} to ${latest} is ${COMMITTED_WITHIN_MS / 1_000} seconds away from the heartbeats around it`,
  };
}

/** Where a restored copy stops. */
export type Stop =
  | { readonly kind: 'exact' }
  /** It lacks writes from before the moment. */
  | { readonly kind: 'too early'; readonly because: string }
  /** It holds writes from after the moment: perhaps the mistake that was to be undone. */
  | { readonly kind: 'too late'; readonly because: string };

/**
 * Judges by the newest heartbeat in a restored copy whether it stops exactly at the picked moment: the last heartbeat before it is
 * there, and the next is not.
 *
 * @param newest null if the copy holds no heartbeat
 */
export function judgeStop({ moment, before, after }: PickedMoment, newest: Date | null): Stop {
  const at = moment.toISOString();
  if (newest === null || newest < before)
    return {
      kind: 'too early',
      because: `restored to ${at}, its newest heartbeat is ${newest?.toISOString() ?? 'none'}: that of ${before.toISOString()} is missing`,
    };
  if (newest > before)
    return {
      kind: 'too late',
      because: `restored to ${at}, it holds the heartbeat of ${newest.toISOString()}${newest >= after ? '' : ', which nobody knows of'}`,
    };
  return { kind: 'exact' };
}
