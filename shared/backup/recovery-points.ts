import { createHash } from 'node:crypto';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { RecoveryPoint, RecoveryPoints } from './method.ts';
import type { BackupPlace } from './place.ts';

/** Which recovery point to test: the newest, one at random, or the one with this id. */
export type Choice = 'newest' | 'random' | { readonly id: string };

/** There is no recovery point to restore, or the named one does not exist. */
export class NoRecoveryPoint extends LifeboatError {
  override readonly name = 'NoRecoveryPoint';
  override readonly kind = 'missing';
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
 * @returns the recovery point, and the number of candidates
 * @throws NoRecoveryPoint, ManifestDamaged
 */
export async function findRecoveryPoint<Point extends RecoveryPoint>(
  points: RecoveryPoints<Point>,
  of: BackupPlace,
  { choice, runId, before }: { choice: Choice; runId: string; before: Date },
): Promise<{ point: Point; candidates: number }> {
  const all = await points.list(of);
  const named = typeof choice === 'object';
  let ids = all.filter(({ begunAt }) => named || begunAt <= before).map(({ id }) => id);
  if (all.length > 0 && ids.length === 0)
    throw new NoRecoveryPoint(
      `each of ${all.length} recovery points is younger than ${before.toISOString()}`,
    );
  for (;;) {
    const id = chooseRecoveryPoint(ids, choice, runId);
    const point = await points.find({ ...of, id });
    if (named || point.takenAt <= before) return { point, candidates: ids.length };
    // Begun before that moment, but taken after it.
    ids = ids.filter((other) => other !== id);
  }
}
