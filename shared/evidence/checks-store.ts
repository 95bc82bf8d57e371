import * as z from 'zod';
import { visibleJson } from '../text/visible.ts';
import { CheckResult } from '../validation/verdict.ts';
import { ObjectExists, type Vault } from '../vault/vault.ts';
import { checksKey } from './evidence-key.ts';

const Checks = z.array(CheckResult);

/** The run that the checks belong to, and its execution. */
export interface CheckedRun {
  readonly machine: string;
  readonly runId: string;
  readonly runStartedAt: string;
}

/**
 * Keeps all checks of a run. A repeated attempt of the execution finds the checks of the first that got this far: they stand.
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
    await vault.put(checksKey(run.machine, run), visibleJson(checks), {
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
export async function readChecks(vault: Vault, run: CheckedRun): Promise<CheckResult[]> {
  return Checks.parse(JSON.parse((await vault.read(checksKey(run.machine, run))).toString('utf8')));
}
