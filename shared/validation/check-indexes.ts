import type { CheckResult } from './verdict.ts';

/**
 * Fails if an index of the copy cannot be used although that of the source could.
 *
 * @param invalid names of indexes of the copy that cannot be used
 * @param invalidInSource names of those of the source
 */
export function checkIndexes(invalid: readonly string[], invalidInSource: readonly string[]): CheckResult {
  const known = new Set(invalidInSource);
  const broken = invalid.filter((index) => !known.has(index));
  const alike = invalid.filter((index) => known.has(index));
  const nothing = alike.length === 0 ? 'no invalid index' : `invalid as in the source: ${alike.join(', ')}`;
  return {
    kind: 'indexes',
    name: 'every index is as valid as in the source',
    outcome: broken.length === 0 ? 'passed' : 'failed',
    expected: nothing,
    found: broken.length === 0 ? nothing : `invalid: ${broken.join(', ')}`,
  };
}
