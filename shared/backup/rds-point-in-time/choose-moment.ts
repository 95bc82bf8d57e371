import { createHash } from 'node:crypto';
import type { Journal } from '../../journal/journal.ts';
import { DAY, HOUR } from '../../plan/values/duration.ts';
import type { RecoveryPoints } from '../method.ts';
import type { BackupPlace } from '../place.ts';
import { NoRecoveryPoint } from '../recovery-points.ts';
import { momentId, momentOf } from './moment.ts';
import { aroundMoment, type PickedMoment, pickMoment } from './pick-moment.ts';

/** Which moment: the newest or any between two heartbeats, the newest of some, or the one of this id. */
export type MomentChoice =
  | 'newest'
  | 'random'
  | { readonly newestOf: ReadonlySet<string>; readonly words: string }
  | { readonly id: string };

/** A chosen moment. */
export interface ChosenMoment {
  readonly id: string;
  /** The heartbeats by which a copy shows whether it stops there; null if none are known on both sides. */
  readonly between: Pick<PickedMoment, 'before' | 'after'> | null;
}

/**
 * Chooses among the moments that RDS can restore. One that is not named lies between two heartbeats, so that the copy proves where
 * it stops. A random choice depends only on the run, so that a retried step makes the same choice.
 *
 * @param options.before no later moment is chosen, unless it is named: after a corruption it may hold the corruption
 * @throws NoRecoveryPoint
 */
export async function chooseMoment(
  { points, journal }: { points: Pick<RecoveryPoints, 'list'>; journal: Pick<Journal, 'heartbeats'> },
  of: BackupPlace,
  { choice, runId, before }: { choice: MomentChoice; runId: string; before: Date },
): Promise<ChosenMoment> {
  if (typeof choice === 'object') {
    const id = 'id' in choice ? choice.id : newestOf(choice, before);
    const moment = momentOf(id);
    if (moment === null) return { id, between: null };
    const span = { from: new Date(moment.getTime() - DAY), to: new Date(moment.getTime() + DAY) };
    return { id, between: aroundMoment(await journal.heartbeats(of.database, span), moment) };
  }
  const [kept] = await points.list(of);
  if (!kept)
    throw new NoRecoveryPoint(
      'RDS can restore no moment yet: it keeps no automated backups, or the first is not complete',
    );
  const latest = kept.begunAt < before ? kept.begunAt : before;
  const all = kept.since ?? latest;
  // Most heartbeats are minutes apart. Those of 35 days are 50,000.
  const earliest = choice === 'newest' ? new Date(Math.max(all.getTime(), latest.getTime() - DAY)) : all;
  const heartbeats = await journal.heartbeats(of.database, {
    from: new Date(earliest.getTime() - HOUR),
    to: new Date(latest.getTime() + DAY),
  });
  const draw = createHash('sha256').update(runId).digest().readUInt32BE();
  const picked = pickMoment(heartbeats, { earliest, latest }, choice === 'newest' ? choice : { draw });
  if (picked.kind === 'picked') return { id: momentId(picked.moment), between: picked };
  throw new NoRecoveryPoint(`no moment can be tested: ${picked.because}`, {
    hint: 'heartbeats are noted since this backup is in the deployed plan; look at the alarm on the metric HeartbeatWritten',
  });
}

/** @throws NoRecoveryPoint */
function newestOf(
  { newestOf: ids, words }: { readonly newestOf: ReadonlySet<string>; readonly words: string },
  before: Date,
): string {
  const newest = [...ids]
    .filter((id) => (momentOf(id) ?? before) < before)
    .sort()
    .at(-1);
  if (newest !== undefined) return newest;
  throw new NoRecoveryPoint(`there is no moment ${words} from before ${before.toISOString()}`, {
    hint: 'name a moment by its id: it is validated before it is handed over',
  });
}
