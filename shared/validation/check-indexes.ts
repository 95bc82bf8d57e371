import type { CheckResult } from './verdict.ts';

/** Fails if an index of the copy cannot be used. @param invalid names of such indexes */
export function checkIndexes(invalid: readonly string[]): CheckResult {
  return {
    kind: 'indexes',
    name: 'every index is valid',
    outcome: invalid.length === 0 ? 'passed' : 'failed',
    expected: 'no invalid index',
    found: invalid.length === 0 ? 'no invalid index' : invalid.join(', '),
  };
}
