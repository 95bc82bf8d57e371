import { createHash } from 'node:crypto';
import { idOfManifestKey, manifestPrefix, type RecoveryPointPlace } from '../backup/recovery-point.ts';
import type { Vault } from '../storage/vault.ts';

/** Which recovery point to test: the newest, one at random, or the one with this id. */
export type Choice = 'newest' | 'random' | { readonly id: string };

/** There is nothing that could be restored, or not the recovery point that was named. */
export class NoRecoveryPoint extends Error {
  override readonly name = 'NoRecoveryPoint';
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
