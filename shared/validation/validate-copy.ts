import type { Manifest } from '../backup/logical/manifest.ts';
import { readStoredSchema } from '../backup/logical/read-stored.ts';
import type { DatabaseAccess } from '../database/access.ts';
import { DatabaseRefused } from '../database/database-refused.ts';
import type { Comparisons } from '../database/engine.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { Vault } from '../vault/vault.ts';
import { checkFreshness } from './check-freshness.ts';
import { checkIndexes } from './check-indexes.ts';
import { compareContent } from './compare-content.ts';
import { compareSchema } from './compare-schema.ts';
import { compareSequences } from './compare-sequences.ts';
import { compareTables } from './compare-tables.ts';
import { listLeftOut } from './list-left-out.ts';
import { runPlanCheck } from './plan-check.ts';
import type { CheckResult } from './verdict.ts';

export interface ValidationPorts {
  readonly vault: Vault;
  readonly comparisons: Comparisons;
  readonly progress: ProgressReporter;
}

export interface ValidationRequest {
  readonly manifest: Manifest;
  readonly copy: DatabaseAccess;
  readonly plan: Pick<RestoreTest, 'afterRestore' | 'checks' | 'freshness'>;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** What a validation found. */
export interface Validation {
  readonly checks: CheckResult[];
  /** The newest heartbeat in the copy: the moment up to which data came back. */
  readonly recoveredTo: Date | null;
}

/**
 * Compares a restored copy with what its manifest says the source held, and asks it the plan's questions. The copy is
 * compared first, because the plan's `afterRestore` statements may change it.
 *
 * @throws DatabaseRefused if the engine refused a statement; DatabaseUnreachable and other errors of the harness. A
 * difference is not an error but a failed check.
 */
export function createValidateCopy({ vault, comparisons, progress }: ValidationPorts) {
  return async function validateCopy(request: ValidationRequest): Promise<Validation> {
    const { manifest, plan, connections, signal } = request;
    const looked = comparisons.inspect(request.copy, { connections, signal }, async (copy) => {
      const { fingerprint, roles, invalidIndexes, notCarried } = manifest.schema;
      const schema = readStoredSchema(vault, manifest).then((stored) =>
        compareSchema(comparisons, copy, fingerprint, stored),
      );
      // Without a listener a failure while content is still compared would end the process.
      schema.catch(() => {});
      const tables = await copy.tables();
      const content = await compareContent(copy, manifest.tables, tables, progress);
      const sequences = compareSequences(manifest.sequences, await copy.sequences());
      const indexes = checkIndexes(await copy.invalidIndexes(), invalidIndexes);
      const recoveredTo = await copy.newestHeartbeat(manifest.workload);
      const compared = await schema;
      const placeholders = await copy.placeholderRoles(roles);
      const checks = [
        compared.check,
        compareTables(manifest.tables, tables),
        ...content,
        sequences,
        indexes,
        checkFreshness(
          { snapshotAt: manifest.snapshotAt, ofSource: manifest.heartbeatAt, ofCopy: recoveredTo },
          plan.freshness,
        ),
      ];
      checks.push(...listLeftOut({ notCarried, notAllowed: compared.leftOut, placeholders }));
      for (const sql of plan.afterRestore) await copy.run(sql);
      for (const check of plan.checks) checks.push(await runPlanCheck(copy, check));
      return { checks, recoveredTo };
    });
    return looked.catch((error: unknown) => {
      const blame = comparisons.blame(error);
      throw blame ? new DatabaseRefused('the copy could not be read', blame, error) : error;
    });
  };
}
