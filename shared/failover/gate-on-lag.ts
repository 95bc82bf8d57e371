import { formatDuration } from '../plan/values/duration.ts';

/** What can become the new primary. */
export type WayName = 'replica' | 'pointInTime' | 'snapshot' | 'logical';

/** One way to a new primary, and how far its data reach. */
export interface Way {
  readonly way: WayName;
  /** The replica's identifier, or the recovery point's. */
  readonly id: string;
  /** Everything committed until here is in it; null where that is not known. */
  readonly reaches: Date | null;
  /** What tells how far it reaches: `heartbeat`, `replay position`, `recovery point`. Or why nothing tells it. */
  readonly by: string;
}

/** A loss that a person accepted, by name and number. */
export interface AcceptedLoss {
  readonly way: WayName;
  readonly id: string;
  /** In milliseconds. A loss above it is not accepted. */
  readonly atMost: number;
  readonly by: string;
}

/** A way, with what it would lose. */
export interface Loss extends Way {
  /** In milliseconds; null where it is not known. */
  readonly loss: number | null;
}

export type Gate =
  | {
      readonly gate: 'go';
      readonly with: Loss;
      readonly acceptedBy: string | null;
      readonly losses: readonly Loss[];
    }
  | {
      readonly gate: 'ask';
      /** The way that would lose least; null where no loss is known. */
      readonly least: Loss | null;
      /** What to ask a person, in words. */
      readonly question: string;
      readonly losses: readonly Loss[];
    };

/** What the gate decides by. */
export interface Lag {
  /** In the order of the plan. */
  readonly ways: readonly Way[];
  /** When the old primary stopped taking writes, proven by a fence; null while it may still take them. */
  readonly fencedAt: Date | null;
  /** In milliseconds; null where any loss is accepted. */
  readonly maxLoss: number | null;
  readonly accepted: readonly AcceptedLoss[];
}

/** A clock that is ahead would make a loss look smaller than it is. What reaches further than this into the future is not believed. */
const CLOCK_TOLERANCE_MS = 2_000;

/**
 * Decides whether a promotion may go on. It goes on with the first way of the plan whose loss is within the plan's maximum, or accepted by a
 * person. An unknown loss is never within anything, and cannot be accepted: it has no number.
 *
 * The loss reaches to the moment when the old primary stopped taking writes. Without a proven fence that is now.
 */
export function gateOnLag({ ways, fencedAt, maxLoss, accepted }: Lag, now: Date): Gate {
  const until = fencedAt !== null && fencedAt < now ? fencedAt : now;
  const losses = ways.map((way) => lossOf(way, until, now));
  const isWithin = ({ loss }: Loss) => loss !== null && (maxLoss === null || loss <= maxLoss);
  for (const each of losses) {
    if (isWithin(each)) return { gate: 'go', with: each, acceptedBy: null, losses };
    const acceptedBy = accepted.find((loss) => covers(loss, each))?.by;
    if (acceptedBy !== undefined) return { gate: 'go', with: each, acceptedBy, losses };
  }
  const known = losses.filter(({ loss }) => loss !== null);
  const least = known.toSorted((one, other) => (one.loss ?? 0) - (other.loss ?? 0))[0] ?? null;
  return { gate: 'ask', least, question: question(least, losses, maxLoss, until), losses };
}

function lossOf(way: Way, until: Date, now: Date): Loss {
  if (way.reaches === null) return { ...way, loss: null };
  if (Number.isNaN(way.reaches.getTime()))
    return { ...way, loss: null, by: `${way.by}, which is not a time` };
  if (way.reaches.getTime() > now.getTime() + CLOCK_TOLERANCE_MS)
    return { ...way, loss: null, by: `${way.by}, which is in the future: a clock is wrong` };
  return { ...way, loss: Math.max(0, until.getTime() - way.reaches.getTime()) };
}

function covers({ way, id, atMost }: AcceptedLoss, loss: Loss): boolean {
  return way === loss.way && id === loss.id && loss.loss !== null && loss.loss <= atMost;
}

function question(least: Loss | null, losses: readonly Loss[], maxLoss: number | null, until: Date): string {
  const objective = maxLoss === null ? 'any loss is accepted' : `the plan accepts ${formatDuration(maxLoss)}`;
  if (least?.loss != null)
    return (
      `${named(least)} would lose ${formatDuration(least.loss)}, everything between ` +
      `${least.reaches?.toISOString()} and ${until.toISOString()}, and ${objective}`
    );
  if (losses.length === 0) return `there is nothing to promote or restore, and ${objective}`;
  const unknown = losses.map((each) => `${named(each)}: ${each.by}`).join('; ');
  return `what would be lost is not known (${unknown}), and ${objective}`;
}

function named({ way, id }: Loss): string {
  return `${WORDS[way]} "${id}"`;
}

const WORDS: Readonly<Record<WayName, string>> = {
  replica: 'the replica',
  pointInTime: 'the newest moment',
  snapshot: 'the snapshot',
  logical: 'the recovery point',
};
