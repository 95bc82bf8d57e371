import { createHash } from 'node:crypto';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Milliseconds } from '../plan/values/duration.ts';
import type { RecoveryPoint, RecoveryPoints } from './method.ts';
import type { BackupPlace } from './place.ts';

/** Which recovery point to test: the newest, one at random, or the one with this id. */
export type Choice = 'newest' | 'random' | { readonly id: string };

/** There is no recovery point to restore, or the named one does not exist. */
export class NoRecoveryPoint extends LifeboatError {
  override readonly name = 'NoRecoveryPoint';
  override readonly kind = 'missing';
}

/** A label was given together with a choice that it contradicts. */
export class LabelAmbiguous extends LifeboatError {
  override readonly name = 'LabelAmbiguous';
  override readonly kind = 'usage';
}

/**
 * Chooses among recovery points, oldest first. A random choice depends only on the run, so that a retried
 * step makes the same choice.
 *
 * @throws NoRecoveryPoint naming the newest one
 */
export function chooseRecoveryPoint(ids: readonly string[], choice: Choice, runId: string): string {
  const newest = ids.at(-1);
  if (newest === undefined) throw new NoRecoveryPoint('there is no recovery point: take a backup first');
  if (choice === 'newest') return newest;
  if (choice === 'random') {
    const draw = createHash('sha256').update(runId).digest().readUInt32BE();
    return ids[draw % ids.length] ?? newest;
  }
  if (!ids.includes(choice.id))
    throw new NoRecoveryPoint(
      `there is no recovery point "${choice.id}"; the newest of ${ids.length} is "${newest}"`,
    );
  return choice.id;
}

/**
 * Finds the recovery point to restore and reads it.
 *
 * Skips one that is younger than `before`. After a corruption it may hold the corruption, and it would
 * measure an RPO of zero. A named recovery point is taken at any age, because a person chose it.
 *
 * Names the recovery points that a delete marker or a later version hides, and takes none of them: neither a plain delete nor a
 * plain write needs a right to pass their lock.
 *
 * @param options.retention how long the plan keeps recovery points of this backup
 * @param options.verified where only those count that a restore test verified: their ids
 * @param options.labelled where only those count that have a label
 * @returns the recovery point, the number of candidates, and the keys of hidden manifests
 * @throws NoRecoveryPoint, ManifestDamaged, SnapshotMissing, MomentMissing
 */
export async function findRecoveryPoint<Point extends RecoveryPoint>(
  points: RecoveryPoints<Point>,
  of: BackupPlace,
  {
    choice,
    runId,
    before,
    now,
    retention,
    verified,
    labelled,
  }: {
    choice: Choice;
    runId: string;
    before: Date;
    now: Date;
    retention: Milliseconds;
    verified?: ReadonlySet<string> | undefined;
    labelled?: { readonly label: string; readonly ids: readonly string[] } | undefined;
  },
): Promise<{ point: Point; candidates: number; hidden: string[] }> {
  const covered = await points.hidden(of, { now, retention });
  const hidden = covered.map(({ key }) => key);
  // What was written over a manifest is no manifest of ours.
  const forged = new Set(covered.map(({ id }) => id));
  const all = (await points.list(of)).filter(
    ({ id }) => !forged.has(id) && (!labelled || labelled.ids.includes(id)),
  );
  const named = typeof choice === 'object';
  // One entry stands for every moment between two: the store knows which of them there are.
  if (named && all.some(({ since }) => since !== undefined))
    return { point: await points.find({ ...of, id: choice.id }), candidates: all.length, hidden };
  let ids = all.filter(({ begunAt }) => named || begunAt <= before).map(({ id }) => id);
  if (all.length > 0 && ids.length === 0)
    throw new NoRecoveryPoint(
      `each of ${all.length} recovery points${ofLabel(labelled)} is younger than ${before.toISOString()}`,
      labelled && { hint: 'Name one by its id to take it all the same.' },
    );
  if (verified && !named) {
    const candidates = ids.length;
    ids = ids.filter((id) => verified.has(id));
    if (candidates > 0 && ids.length === 0)
      throw new NoRecoveryPoint(
        `none of ${candidates} recovery points${ofLabel(labelled)} from before ${before.toISOString()} was verified by a restore test`,
        {
          hint: 'Take the newest one unverified: it is validated before it is handed over. Or name one by its id.',
        },
      );
  }
  for (;;) {
    const id = naming(hidden, () => chooseRecoveryPoint(ids, choice, runId));
    const point = await points.find({ ...of, id });
    // The manifest is the truth: the journal can be written to.
    const isOther = labelled && point.method === 'logical' && point.label !== labelled.label;
    if (!isOther && (named || point.takenAt <= before)) return { point, candidates: ids.length, hidden };
    // Begun before that moment, but taken after it; or of another label.
    ids = ids.filter((other) => other !== id);
  }
}

function ofLabel(labelled: { readonly label: string } | undefined): string {
  return labelled ? ` with the label "${labelled.label}"` : '';
}

/** Adds what is hidden to the message that there is no recovery point. */
function naming<T>(hidden: readonly string[], choose: () => T): T {
  try {
    return choose();
  } catch (cause) {
    if (!(cause instanceof NoRecoveryPoint) || hidden.length === 0) throw cause;
    throw new NoRecoveryPoint(`${cause.message}. ${hiddenInWords(hidden)}`, { cause });
  }
}

/** What is hidden, in a sentence, with the next step. */
export function hiddenInWords(hidden: readonly string[]): string {
  const named = hidden.slice(0, 3).join(', ');
  const more = hidden.length > 3 ? ` and ${hidden.length - 3} more` : '';
  return `A delete marker or a later version hides ${named}${more}: somebody deleted it or wrote over it, or an earlier plan kept it for a shorter time; remove what hides it to bring the recovery point back (see docs/runbook.md)`;
}
