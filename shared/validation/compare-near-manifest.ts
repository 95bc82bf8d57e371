import type { Manifest } from '../backup/logical/manifest.ts';
import type { TableFingerprint } from '../database/fingerprint.ts';
import { readable } from '../database/table.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Compares the tables of a copy with those of a logical backup of a near moment. Between the two moments the application wrote, so
 * that only what is equal proves something. What is missing or empty may have been dropped or emptied in between: not proven.
 *
 * @param copy by readable name
 */
export function compareWithNearManifest(
  { tables, snapshotAt, recoveryPoint }: Pick<Manifest, 'tables' | 'snapshotAt' | 'recoveryPoint'>,
  copy: ReadonlyMap<string, TableFingerprint>,
): CheckResult[] {
  const changed: string[] = [];
  const checks = tables.flatMap((table): CheckResult[] => {
    const name = readable(table);
    const found = copy.get(name);
    const base = {
      kind: 'content',
      name,
      expected: `${table.rows} rows, fingerprint ${table.content}, at ${snapshotAt}`,
    } as const;
    if (!found)
      return [{ ...base, outcome: 'not-run', found: 'no such table: it was dropped in between, or is lost' }];
    const said = `${found.rows} rows, fingerprint ${found.content}`;
    if (found.content === table.content && found.rows === table.rows)
      return [{ ...base, outcome: 'passed', found: said }];
    if (found.rows === '0')
      return [{ ...base, outcome: 'not-run', found: 'no rows: it was emptied in between, or they are lost' }];
    changed.push(name);
    return [];
  });
  if (changed.length === 0) return checks;
  const shown = changed.slice(0, 10).join(', ');
  return [
    ...checks,
    {
      kind: 'coverage',
      name: 'content of tables that changed since the logical backup',
      outcome: 'left-out',
      expected: `as in ${recoveryPoint} of ${snapshotAt}`,
      found: `${shown}${changed.length > 10 ? ` and ${changed.length - 10} more` : ''}: other rows, as the application wrote in between`,
    },
  ];
}
