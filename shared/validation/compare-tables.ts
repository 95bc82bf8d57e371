import { readable, type TableName } from '../database/table.ts';
import type { CheckResult } from './verdict.ts';

/** Compares which tables there are. */
export function compareTables(expected: readonly TableName[], restored: readonly TableName[]): CheckResult {
  const wanted = new Set(expected.map(readable));
  const found = new Set(restored.map(readable));
  const missing = [...wanted].filter((table) => !found.has(table));
  const extra = [...found].filter((table) => !wanted.has(table));
  return {
    kind: 'tables',
    name: 'every table came back',
    outcome: missing.length + extra.length === 0 ? 'passed' : 'failed',
    expected: `${wanted.size} tables`,
    found: [
      `${found.size} tables`,
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(extra.length > 0 ? [`not in the backup: ${extra.join(', ')}`] : []),
    ].join('; '),
  };
}
