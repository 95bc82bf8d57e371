import type { RestoredCopy } from '../database/engine.ts';
import { addFingerprints, type TableFingerprint } from '../database/fingerprint.ts';
import { type RowRules, readable, type SourceTable, type TableName } from '../database/table.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Compares rows and fingerprint of every table that the source had too: one check per table, in order of name. Partitions
 * that share rows by a hash are compared as one table, because it may put a row elsewhere in the copy.
 */
export async function compareContent(
  copy: RestoredCopy,
  expected: readonly (TableName & TableFingerprint & Pick<RowRules, 'through'>)[],
  restored: readonly SourceTable[],
  progress: ProgressReporter,
): Promise<CheckResult[]> {
  const source = new Map(expected.map((table) => [readable(table), table]));
  const fingerprints = await copy.fingerprints(
    restored.filter((table) => source.has(readable(table))),
    ({ bytes, done, total }) =>
      progress.report({ doing: 'comparing content', bytes, tasksDone: done, tasksTotal: total }),
  );
  // The source's rule counts: by it the rows were loaded.
  const byName = Map.groupBy(fingerprints, ([table]) =>
    readable(source.get(readable(table))?.through ?? table),
  );
  return [...byName]
    .map(([name, tables]) => {
      const expected = addFingerprints(tables.flatMap(([table]) => source.get(readable(table)) ?? []));
      return compareTable(name, expected, addFingerprints(tables.map(([, found]) => found)));
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function compareTable(
  name: string,
  expected: TableFingerprint,
  { rows, content }: TableFingerprint,
): CheckResult {
  return {
    kind: 'content',
    name,
    outcome: rows === expected.rows && content === expected.content ? 'passed' : 'failed',
    expected: `${expected.rows} rows, fingerprint ${expected?.content}`,
    found: `${rows} rows, fingerprint ${content}`,
  };
}
