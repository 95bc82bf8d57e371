import type { RestorableWindow } from './automated-backups.ts';
import { momentId, wholeSecondsOf } from './moment.ts';

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
 * that from both. A heartbeat that took longer is not noted (functions/heartbeat).
 */
export const COMMITTED_WITHIN_MS = 5_000;

/** Which of the moments that could be picked: the newest, or one by a number that was drawn. */
export type Pick = 'newest' | { readonly draw: number };

/**
 * Picks a moment between two heartbeats that can be restored: the whole second nearest to their middle, as far as the window goes.
 *
 * @param heartbeats in any order
 */
export function pickMoment(
  heartbeats: readonly Date[],
  window: RestorableWindow,
  pick: Pick = 'newest',
): Picked {
  const times = timesOf(heartbeats);
  if (times.length < 2)
    return { kind: 'none', because: `it takes two heartbeats, and there are ${times.length}` };
  const seconds = wholeSecondsOf(window);
  const moments = times.slice(0, -1).flatMap((after, index) => {
    const before = times[index + 1] ?? after;
    const middle = new Date(Math.round((before + after) / 2_000) * 1_000);
    const moment = seconds && nearestWithin(seconds, middle);
    return moment && isApart(moment, before, after)
      ? [{ moment, before: new Date(before), after: new Date(after) }]
      : [];
  });
  const picked = moments[pick === 'newest' ? 0 : pick.draw % moments.length];
  if (picked) return { kind: 'picked', ...picked };
  const [earliest, latest] = [momentId(window.earliest), momentId(window.latest)];
  return {
    kind: 'none',
    because: `no moment from ${earliest} to ${latest} is ${COMMITTED_WITHIN_MS / 1_000} seconds away from the heartbeats around it`,
  };
}

function nearestWithin({ earliest, latest }: RestorableWindow, moment: Date): Date {
  if (moment < earliest) return earliest;
  return moment > latest ? latest : moment;
}

/** The heartbeats around a moment that a person named; null if none is known on one side, or one is too near to tell. */
export function aroundMoment(heartbeats: readonly Date[], moment: Date): PickedMoment | null {
  const times = timesOf(heartbeats);
  const before = times.find((time) => time <= moment.getTime());
  const after = times.findLast((time) => time > moment.getTime());
  if (before === undefined || after === undefined || !isApart(moment, before, after)) return null;
  return { moment, before: new Date(before), after: new Date(after) };
}

/** Each once, the newest first. */
function timesOf(heartbeats: readonly Date[]): number[] {
  return [...new Set(heartbeats.map((beat) => beat.getTime()))].sort((one, other) => other - one);
}

function isApart(moment: Date, before: number, after: number): boolean {
  return Math.min(moment.getTime() - before, after - moment.getTime()) >= COMMITTED_WITHIN_MS;
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
 * there, and none from after it is. A heartbeat between the two says that one was not noted, and nothing against the copy.
 *
 * @param newest null if the copy holds no heartbeat
 */
export function judgeStop({ moment, before }: PickedMoment, newest: Date | null): Stop {
  const at = moment.toISOString();
  if (newest === null || newest < before)
    return {
      kind: 'too early',
      because: `restored to ${at}, its newest heartbeat is ${newest?.toISOString() ?? 'none'}: that of ${before.toISOString()} is missing`,
    };
  if (newest > moment)
    return {
      kind: 'too late',
      because: `restored to ${at}, it holds the heartbeat of ${newest.toISOString()}`,
    };
  return { kind: 'exact' };
}
