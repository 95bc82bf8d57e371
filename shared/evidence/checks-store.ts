import * as z from 'zod';
import { visibleJson } from '../text/visible.ts';
import { CheckResult } from '../validation/verdict.ts';
import { ObjectExists, type Vault } from '../vault/vault.ts';
import { checksKey } from './evidence-key.ts';

const Checks = z.array(CheckResult);

/** The run that the checks belong to. */
export interface CheckedRun {
  readonly machine: string;
  readonly runId: string;
}

/**
 * Keeps all checks of a run. A repeated attempt finds the checks of the first that got this far: they stand.
 *
 * @returns the checks that are stored
 */
export async function storeChecks(
  vault: Vault,
  run: CheckedRun,
  checks: CheckResult[],
  lockedUntil: Date,
): Promise<CheckResult[]> {
  try {
    await vault.put(checksKey(run.machine, run.runId), visibleJson(checks), {
      contentType: 'application/json',
      lockedUntil,
    });
    return checks;
  } catch (error) {
    if (error instanceof ObjectExists) return readChecks(vault, run);
    throw error;
  }
}

/** Reads the checks that a run stored. @throws ObjectMissing if it stored none */
export async function readChecks(vault: Vault, { machine, runId }: CheckedRun): Promise<CheckResult[]> {
  return Checks.parse(JSON.parse((await vault.read(checksKey(machine, runId))).toString('utf8')));
}
