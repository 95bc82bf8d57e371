import type { LeaseFence } from '../database/lease-fence.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Locks } from '../locks/locks.ts';
import { fencedTables } from '../plan/lookup.ts';
import type { LeasePlan } from '../plan/sections/lease.ts';
import { leaseName, writeNote } from './lease-note.ts';
import type { FENCE_CHANGES, FenceAnswer } from './step-answers.ts';
import { writableUntil } from './wait-before-promotion.ts';

/** The standby Region granted no lease, so a fence would only refuse writes. Nothing was changed. */
export class LeaseTaken extends LifeboatError {
  override readonly name = 'LeaseTaken';
  override readonly kind = 'conflict';
}

interface FenceToChange {
  readonly workload: string;
  readonly database: string;
  /** The primary Region. */
  readonly owner: string;
  readonly lease: LeasePlan;
}

/**
 * Shows or changes the fence of a database, and says what it is like then. `install` asks the standby Region for the first lease
 * before it changes anything.
 *
 * @throws LeaseTaken, FenceRefused
 */
export function createChangeFence(locks: Pick<Locks, 'take'>, fence: LeaseFence) {
  return async (
    change: (typeof FENCE_CHANGES)[number],
    { workload, database, owner, lease }: FenceToChange,
  ): Promise<FenceAnswer> => {
    const tables = fencedTables(lease);
    const firstEnd = async () => writableUntil(await fence.now(), lease.valid) ?? (await fence.now());
    let statements: string[] = [];
    let trials: FenceAnswer['trials'] = [];
    if (change === 'statements') statements = await fence.statements(tables, await firstEnd());
    if (change === 'install') {
      const until = await firstEnd();
      const note = writeNote({ validMs: lease.valid, gaps: ['the fence is not installed'] });
      const taken = await locks.take(leaseName(workload, database), owner, lease.valid, note);
      if (!taken.held)
        throw new LeaseTaken(
          `the lease of database "${database}" belongs to ${taken.reservedFor ?? taken.holder?.owner ?? 'another owner'}: the fence was not installed`,
        );
      await fence.install(tables, until);
    }
    if (change === 'try') trials = await fence.tryToWrite(tables);
    if (change === 'remove') await fence.remove();
    if (change === 'lift') await fence.lift();
    const { installed, gaps, lease: found } = await fence.read(tables);
    return {
      installed,
      gaps: [...gaps],
      lease: found && { state: found.state, until: found.until?.toISOString() ?? null },
      statements,
      trials,
    };
  };
}
