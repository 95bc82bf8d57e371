import { ManifestDamaged } from '../backup/logical/manifest.ts';
import type { NearManifest } from '../backup/logical/nearest-manifest.ts';
import type { DatabaseAccess } from '../database/access.ts';
import { DatabaseRefused } from '../database/database-refused.ts';
import type { Comparisons, RestoredCopy, StorageChecks, StorageFault } from '../database/engine.ts';
import { readable } from '../database/table.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import { checkFreshness } from './check-freshness.ts';
import { checkSettings } from './check-settings.ts';
import { checkStop } from './check-stop.ts';
import { checkBlocks, checkChecksums, checkConstraints, checkStructure } from './check-storage.ts';
import { compareWithNearManifest } from './compare-near-manifest.ts';
import { runPlanCheck } from './plan-check.ts';
import type { Validation } from './validate-copy.ts';
import type { CheckResult } from './verdict.ts';

export interface InstanceValidationPorts {
  readonly comparisons: Comparisons;
  readonly storageChecks: StorageChecks;
  readonly progress: ProgressReporter;
}

export interface InstanceValidationRequest {
  readonly workload: string;
  readonly instance: DatabaseAccess;
  /** The moment that the recovery point shows. */
  readonly takenAt: Date;
  /** Where it is a moment: the heartbeats around it, null if they are not known. Absent where it is a snapshot. */
  readonly between?: Parameters<typeof checkStop>[1];
  /** A logical backup of nearly the same moment, if there is one. */
  readonly near: NearManifest;
  readonly differences: Parameters<typeof checkSettings>[0];
  /** What reading every block found. */
  readonly read: {
    readonly bytes: number;
    readonly damaged: readonly StorageFault[];
    readonly unread: readonly string[];
  };
  readonly plan: Pick<RestoreTest, 'afterRestore' | 'checks' | 'freshness'>;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Whether there is time for one more check. What does not fit in is named. */
  readonly hasTime: () => boolean;
}

/**
 * Looks whether an instance that was restored from storage holds its data, and asks it the plan's questions. The plan's
 * `afterRestore` statements run last but for them, because they may change the copy. A damaged block ends the validation: each
 * further check would only stumble over it.
 *
 * @throws DatabaseRefused if the engine refused a statement; DatabaseUnreachable and other errors of the harness. A fault in the
 * data is not an error but a failed check.
 */
export function createValidateInstance({ comparisons, storageChecks, progress }: InstanceValidationPorts) {
  return async function validateInstance(request: InstanceValidationRequest): Promise<Validation> {
    const { instance, connections, signal, read, hasTime, plan } = request;
    const settled = [...checkSettings(request.differences), ...checkBlocks(read)];
    if (read.damaged.length > 0) return { checks: settled, recoveredTo: null };
    const options = { connections, signal };
    try {
      const stored = await storageChecks.inspect(instance, options, async (copy) => [
        checkChecksums(await copy.checksums()),
        hasRows(await copy.tables()),
        ...checkStructure(await copy.checkStructure(hasTime)),
        ...checkConstraints(await copy.checkForeignKeys(hasTime)),
      ]);
      const { asked, recoveredTo } = await comparisons.inspect(instance, options, async (copy) => {
        const content = await compareNear(copy, request, progress);
        const recoveredTo = await copy.newestHeartbeat(request.workload);
        const ofCopy = recoveredTo?.toISOString() ?? null;
        const freshness = checkFreshness(
          // A copy of the storage has the heartbeats of its source. An old one means that the heartbeat had stopped.
          { snapshotAt: request.takenAt.toISOString(), ofSource: ofCopy, ofCopy: recoveredTo },
          plan.freshness,
        );
        const stop =
          request.between === undefined ? [] : [checkStop(request.takenAt, request.between, recoveredTo)];
        const asked = [...content, freshness, ...stop];
        for (const sql of plan.afterRestore) await copy.run(sql);
        for (const check of plan.checks) asked.push(await runPlanCheck(copy, check));
        return { asked, recoveredTo };
      });
      return { checks: [...settled, ...stored, ...asked], recoveredTo };
    } catch (error) {
      const blame = comparisons.blame(error);
      throw blame ? new DatabaseRefused('the instance could not be read', blame, error) : error;
    }
  };
}

function hasRows({ tables, filled }: { tables: number; filled: number }): CheckResult {
  return {
    kind: 'tables',
    name: 'the database has tables with rows',
    outcome: filled > 0 ? 'passed' : 'failed',
    expected: 'at least one',
    found: tables === 0 ? 'no table at all' : `${filled} of ${tables} tables have rows`,
  };
}

async function compareNear(
  copy: RestoredCopy,
  { near }: InstanceValidationRequest,
  progress: ProgressReporter,
): Promise<CheckResult[]> {
  const { manifest } = near;
  const unreadable = near.unreadable.map(unreadableManifest);
  if (manifest === null)
    return [
      ...unreadable,
      {
        kind: 'coverage',
        name: 'content against a logical backup',
        outcome: 'left-out',
        expected: 'a logical backup of nearly the same moment',
        found: unreadable.length > 0 ? 'none that can be read is in the vault' : 'there is none in the vault',
      },
    ];
  const known = new Set(manifest.tables.map(readable));
  const tables = (await copy.tables()).filter((table) => known.has(readable(table)));
  const found = await copy.fingerprints(tables, ({ bytes, done, total }) =>
    progress.report({ doing: 'comparing content', bytes, tasksDone: done, tasksTotal: total }),
  );
  const prints = new Map([...found].map(([table, print]) => [readable(table), print]));
  return [...unreadable, ...compareWithNearManifest(manifest, prints)];
}

/** Another backup is damaged, and not what is restored. The next logical restore test or `verify` judges that one. */
function unreadableManifest({ id, error }: NearManifest['unreadable'][number]): CheckResult {
  const what = error instanceof ManifestDamaged ? 'is damaged' : 'is of a format of another version';
  return {
    kind: 'coverage',
    name: `manifest of recovery point ${id} ${what}`,
    outcome: 'left-out',
    expected: 'a manifest to compare with',
    found: error.message,
  };
}
