import * as z from 'zod';
import { CheckResult } from '../validation/verdict.ts';
import { ObjectExists, type Vault } from '../vault/vault.ts';
import { checksKey } from './evidence.ts';

const Checks = z.array(CheckResult);

/**
 * Keeps all checks of a restore test. A repeated attempt finds the checks of the first that got this far: they stand.
 *
 * @returns the checks that are stored
 */
export async function storeChecks(
  vault: Vault,
  runId: string,
  checks: CheckResult[],
  lockedUntil: Date,
): Promise<CheckResult[]> {
  try {
    await vault.put(checksKey(runId), JSON.stringify(checks), {
      contentType: 'application/json',
      lockedUntil,
    });
    return checks;
  } catch (error) {
    if (error instanceof ObjectExists) return readChecks(vault, runId);
    throw error;
  }
}

/** Reads the checks of a restore test that came to look. @throws ObjectMissing where it never did */
export async function readChecks(vault: Vault, runId: string): Promise<CheckResult[]> {
  return Checks.parse(JSON.parse((await vault.read(checksKey(runId))).toString('utf8')));
}
