import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Vault } from '../../vault/vault.ts';
import { chooseToRead, type ReadingChoice } from '../choose-to-read.ts';
import type { KeptAsOf } from '../method.ts';
import type { BackupPlace } from '../place.ts';
import { hiddenInWords, NoRecoveryPoint } from '../recovery-points.ts';
import { hiddenContent, logicalRecoveryPoints } from './logical-recovery-points.ts';

/** No recovery point can be read, and the manifests of some are hidden although the vault must keep them. */
export class RecoveryPointsHidden extends LifeboatError {
  override readonly name = 'RecoveryPointsHidden';
  override readonly kind = 'missing';
}

/**
 * Chooses the recovery point to read, and looks for what is hidden: manifests of the backup, and content of the one that is
 * chosen. What was written over a manifest is never chosen.
 *
 * @returns the recovery point, the number of candidates, and the keys that are hidden although the plan keeps them
 * @throws NoRecoveryPoint; RecoveryPointsHidden where some are hidden
 */
export async function findToRead(
  { vault, journal }: { readonly vault: Vault; readonly journal: Pick<Journal, 'recoveryPoints'> },
  of: BackupPlace,
  choice: ReadingChoice,
  asOf: KeptAsOf,
): Promise<{ recoveryPoint: string; candidates: number; hidden: string[] }> {
  const points = logicalRecoveryPoints(vault);
  const covered = await points.hidden(of, asOf);
  const manifests = covered.map(({ key }) => key);
  const forged = new Set(covered.map(({ id }) => id));
  const ids = (await points.list(of)).map(({ id }) => id).filter((id) => !forged.has(id));
  const noted = choice === 'in-turn' ? await journal.recoveryPoints(of, ids.length) : [];
  const id = choose(ids, choice, noted, manifests);
  const content = await hiddenContent(vault, { ...of, id }, asOf);
  return { recoveryPoint: id, candidates: ids.length, hidden: [...manifests, ...content] };
}

function choose(
  ids: readonly string[],
  choice: ReadingChoice,
  noted: Parameters<typeof chooseToRead>[2],
  hidden: readonly string[],
): string {
  try {
    return chooseToRead(ids, choice, noted);
  } catch (cause) {
    if (!(cause instanceof NoRecoveryPoint) || hidden.length === 0) throw cause;
    throw new RecoveryPointsHidden(`${cause.message}. ${hiddenInWords(hidden)}`, { cause });
  }
}
