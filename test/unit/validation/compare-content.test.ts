import { expect, test } from 'vitest';
import type { RestoredCopy } from '../../../shared/database/engine.ts';
import { ORDINARY_ROWS, type SourceTable } from '../../../shared/database/table.ts';
import { compareContent } from '../../../shared/validation/compare-content.ts';

const progress = { report: () => {}, settled: async () => {} };
const root = { schema: 'public', name: 'p' };
const named = (name: string, rules: Partial<typeof ORDINARY_ROWS> = {}) => ({
  schema: 'public',
  name,
  ...ORDINARY_ROWS,
  ...rules,
});

/** A copy whose tables have these rows and fingerprints. */
function compare(
  expected: Record<string, [rows: string, content: string]>,
  found: Record<string, [rows: string, content: string]>,
  through: Partial<typeof ORDINARY_ROWS> = {},
) {
  const tables: SourceTable[] = Object.keys(found).map((name) => ({
    ...named(name),
    columns: [],
    bytes: 0,
    binaryCapable: true,
  }));
  const copy: Pick<RestoredCopy, 'fingerprints'> = {
    fingerprints: async (asked) =>
      new Map(
        asked.map((table) => {
          const [rows, content] = found[table.name] ?? ['', ''];
          return [table, { rows, content }];
        }),
      ),
  };
  const manifest = Object.entries(expected).map(([name, [rows, content]]) => ({
    ...named(name, through),
    rows,
    content,
  }));
  return compareContent(copy as RestoredCopy, manifest, tables, progress);
}

test('each table is compared with its own rows', async () => {
  const checks = await compare({ a: ['1', '7'], b: ['2', '-9'] }, { b: ['2', '-9'], a: ['1', '8'] });
  expect(checks.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['public.a', 'failed'],
    ['public.b', 'passed'],
  ]);
});

test('partitions of a hash that differs are compared together: rows may change places', async () => {
  const checks = await compare(
    { p_0: ['3', '5'], p_1: ['1', '-2'] },
    { p_0: ['0', '0'], p_1: ['4', '3'] },
    { through: root },
  );
  expect(checks).toMatchObject([
    {
      name: 'public.p',
      outcome: 'passed',
      expected: '4 rows, fingerprint 3',
      found: '4 rows, fingerprint 3',
    },
  ]);
});

test('a row that such partitions lost together is found', async () => {
  const checks = await compare(
    { p_0: ['3', '5'], p_1: ['1', '-2'] },
    { p_0: ['3', '5'], p_1: ['0', '0'] },
    { through: root },
  );
  expect(checks).toMatchObject([{ name: 'public.p', outcome: 'failed' }]);
});
