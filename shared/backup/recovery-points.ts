import { createHash } from 'node:crypto';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Vault } from '../vault/vault.ts';
import { type Manifest, readManifest } from './logical/manifest.ts';
import {
  begunAt,
  idOfManifestKey,
  manifestPrefix,
  type RecoveryPointPlace,
} from './logical/recovery-point.ts';

/** Which recovery point to test: the newest, one at random, or the one with this id. */
export type Choice = 'newest' | 'random' | { readonly id: string };

/** There is nothing that could be restored, or not the recovery point that was named. */
export class NoRecoveryPoint extends LifeboatError {
  override readonly name = 'NoRecoveryPoint';
  override readonly kind = 'missing';
}

/** Lists the complete recovery points of a backup, oldest first. One without a manifest is none. */
export async function listRecoveryPoints(
  vault: Vault,
  of: Omit<RecoveryPointPlace, 'id'>,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const key of vault.list(manifestPrefix(of))) {
    const id = idOfManifestKey(key);
    if (id) ids.push(id);
  }
  return ids.sort();
}

/**
 * Chooses among recovery points, oldest first. A random choice depends on the run alone, so that a retried step
 * chooses the same.
 *
 * @throws NoRecoveryPoint saying what there is
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
 * Finds the recovery point to restore and reads its manifest.
 *
 * One whose snapshot is younger than `before` is passed over: after a corruption it may hold the corruption, and it would
 * measure an RPO of nothing. A recovery point that is named is taken whatever its age, because somebody chose it.
 *
 * @throws NoRecoveryPoint, ManifestDamaged
 */
export async function findRecoveryPoint(
  vault: Vault,
  of: Omit<RecoveryPointPlace, 'id'>,
  { choice, runId, before }: { choice: Choice; runId: string; before: Date },
): Promise<{ id: string; manifest: Manifest; candidates: number }> {
  const all = await listRecoveryPoints(vault, of);
  const named = typeof choice === 'object';
  let ids = named ? all : all.filter((id) => (begunAt(id) ?? before) <= before);
  if (all.length > 0 && ids.length === 0)
    throw new NoRecoveryPoint(
      `each of ${all.length} recovery points is younger than ${before.toISOString()}`,
    );
  for (;;) {
    const id = chooseRecoveryPoint(ids, choice, runId);
    const manifest = await readManifest(vault, { ...of, id });
    if (named || new Date(manifest.snapshotAt) <= before) return { id, manifest, candidates: ids.length };
    // Begun before that moment, and its snapshot taken after it.
    ids = ids.filter((other) => other !== id);
  }
}
