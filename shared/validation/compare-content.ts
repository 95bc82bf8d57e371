import type { RestoredCopy } from '../database/engine.ts';
import type { TableFingerprint } from '../database/fingerprint.ts';
import { readable, type SourceTable, type TableName } from '../database/table.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { CheckResult } from './verdict.ts';

/** Compares rows and fingerprint of every table that the source had too: one check per table, in order of name. */
export async function compareContent(
  copy: RestoredCopy,
  expected: readonly (TableName & TableFingerprint)[],
  restored: readonly SourceTable[],
  progress: ProgressReporter,
): Promise<CheckResult[]> {
  const source = new Map(expected.map((table) => [readable(table), table]));
  const fingerprints = await copy.fingerprints(
    restored.filter((table) => source.has(readable(table))),
    ({ bytes, done, total }) =>
      progress.report({ doing: 'comparing content', bytes, tasksDone: done, tasksTotal: total }),
  );
  return [...fingerprints]
    .map(([table, found]) => compareTable(readable(table), source.get(readable(table)), found))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function compareTable(
  name: string,
  expected: TableFingerprint | undefined,
  { rows, content }: TableFingerprint,
): CheckResult {
  return {
    kind: 'content',
    name,
    outcome: rows === expected?.rows && content === expected.content ? 'passed' : 'failed',
    expected: `${expected?.rows} rows, fingerprint ${expected?.content}`,
    found: `${rows} rows, fingerprint ${content}`,
  };
}
