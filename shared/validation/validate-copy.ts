import type { Manifest } from '../backup/logical/manifest.ts';
import { readPart, type StoredPart } from '../backup/logical/read-part.ts';
import type { DatabaseAccess } from '../database/access.ts';
import { DatabaseRefused } from '../database/database-refused.ts';
import type { Comparisons, RestoredCopy } from '../database/engine.ts';
import { isHeartbeat } from '../database/table.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { Vault } from '../vault/vault.ts';
import { checkFreshness } from './check-freshness.ts';
import { checkIndexes } from './check-indexes.ts';
import { compareContent } from './compare-content.ts';
import { compareSchema } from './compare-schema.ts';
import { compareSequences } from './compare-sequences.ts';
import { compareTables } from './compare-tables.ts';
import { listLeftOut, notOfThePart } from './list-left-out.ts';
import { runPlanCheck } from './plan-check.ts';
import type { CheckResult } from './verdict.ts';

export interface ValidationPorts {
  readonly vault: Vault;
  readonly comparisons: Comparisons;
  readonly progress: ProgressReporter;
}

export interface ValidationRequest {
  readonly manifest: Manifest;
  /** The tables and schemas that were restored; none for everything. */
  readonly only?: readonly string[] | undefined;
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
    const { plan, connections, signal } = request;
    const looked = comparisons.inspect(request.copy, { connections, signal }, async (copy) => {
      const part = await readPart({ vault, engine: comparisons }, request.manifest, request.only ?? []);
      const { manifest } = part;
      const { fingerprint, roles, invalidIndexes } = manifest.schema;
      const schema = compareSchema(comparisons, copy, fingerprint, part.schema);
      // Without a listener a failure while content is still compared would end the process.
      schema.catch(() => {});
      const tables = await copy.tables();
      const content = await compareContent(copy, manifest.tables, tables, progress);
      const sequences = compareSequences(manifest.sequences, await copy.sequences());
      const indexes = checkIndexes(await copy.invalidIndexes(), invalidIndexes);
      const recoveredTo = await heartbeatOf(copy, part);
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
      checks.push(...listLeftOut({ ...part, notAllowed: compared.leftOut, placeholders }));
      const { whole } = part;
      for (const sql of plan.afterRestore) {
        const done = await copy.run(sql, { ifThere: !whole });
        if (!done) checks.push(notOfThePart(`the statement after the restore: ${sql}`));
      }
      for (const check of plan.checks) checks.push(await runPlanCheck(copy, check, { whole }));
      return { checks, recoveredTo };
    });
    return looked.catch((error: unknown) => {
      const blame = comparisons.blame(error);
      throw blame ? new DatabaseRefused('the copy could not be read', blame, error) : error;
    });
  };
}

/**
 * The newest heartbeat in the copy. A part without the heartbeat's table is of the moment that its manifest tells, because its rows
 * are compared with that manifest.
 */
async function heartbeatOf(copy: RestoredCopy, { manifest, whole }: StoredPart): Promise<Date | null> {
  if (whole || manifest.tables.some(isHeartbeat)) return copy.newestHeartbeat(manifest.workload);
  return manifest.heartbeatAt === null ? null : new Date(manifest.heartbeatAt);
}
