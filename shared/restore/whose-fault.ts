import { BlockDamaged } from '../backup/logical/block.ts';
import { RecoveryPointDamaged } from '../backup/logical/read-stored.ts';
import { DatabaseRefused } from '../database/database-refused.ts';
import type { Blame, Restores } from '../database/engine.ts';

/**
 * Waits for one phase of a load, and decides whose fault its failure is.
 *
 * @param what the phase or table, for the message
 * @throws RecoveryPointDamaged if the backup is proven to be at fault
 * @throws DatabaseRefused if the engine refused a statement and the backup may be good
 * @throws else what the work threw: the connection, the time limit or the program
 */
export async function asDamage<T>(
  restores: Pick<Restores, 'blame'>,
  what: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw judged(cause, what, restores.blame(cause));
  }
}

function judged(cause: unknown, what: string, blame: Blame | null): unknown {
  if (cause instanceof RecoveryPointDamaged) return cause;
  if (cause instanceof BlockDamaged) return new RecoveryPointDamaged(`${what}: ${cause.message}`, { cause });
  if (!blame) return cause;
  if (blame.suspect === 'backup')
    return new RecoveryPointDamaged(`${what}: ${blame.said}: ${blame.because}`, { cause, hint: blame.next });
  return new DatabaseRefused(what, blame, cause);
}
