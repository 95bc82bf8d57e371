import { BlockDamaged } from '../backup/logical/block.ts';
import { RecoveryPointDamaged } from '../backup/logical/read-stored.ts';
import type { Restores } from '../database/engine.ts';

/** Decides whose fault a failed load is: the backup's, or that of the harness (server, connection, program). */
export function isDamage(error: unknown, restores: Pick<Restores, 'blamesContent'>): boolean {
  return (
    error instanceof RecoveryPointDamaged || error instanceof BlockDamaged || restores.blamesContent(error)
  );
}

/**
 * Waits for one phase of a load.
 *
 * @param what the phase or table, for the message
 * @throws RecoveryPointDamaged if the backup is at fault, else what the work threw
 */
export async function asDamage<T>(
  restores: Pick<Restores, 'blamesContent'>,
  what: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof RecoveryPointDamaged || !isDamage(cause, restores)) throw cause;
    throw new RecoveryPointDamaged(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
