import type { RecoveryPointRecord } from '../journal/journal.ts';
import { NoRecoveryPoint } from './recovery-points.ts';

/** Which recovery point to read: the one that was read longest ago, the newest, or the one with this id. */
export type ReadingChoice = 'in-turn' | 'newest' | { readonly id: string };

/**
 * Chooses the recovery point to read. In turn, those that were never read come first, the newest of them before the others: it
 * is the one that a recovery would use.
 *
 * @param ids oldest first
 * @param noted what the journal knows of them. What it does not know was never read
 * @throws NoRecoveryPoint naming the newest one
 */
export function chooseToRead(
  ids: readonly string[],
  choice: ReadingChoice,
  noted: readonly Pick<RecoveryPointRecord, 'recoveryPoint' | 'read'>[],
): string {
  const newest = ids.at(-1);
  if (newest === undefined) throw new NoRecoveryPoint('there is no recovery point: take a backup first');
  if (choice === 'newest') return newest;
  if (choice !== 'in-turn') {
    if (ids.includes(choice.id)) return choice.id;
    throw new NoRecoveryPoint(
      `there is no recovery point "${choice.id}"; the newest of ${ids.length} is "${newest}"`,
    );
  }
  const readAt = new Map(noted.map(({ recoveryPoint, read }) => [recoveryPoint, read?.at ?? '']));
  const newestFirst = ids.toReversed();
  // The sort is stable, so that among equals the newest stays first.
  const [next = newest] = newestFirst.toSorted((a, b) => compare(readAt.get(a) ?? '', readAt.get(b) ?? ''));
  return next;
}

/** ISO times sort as text. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
