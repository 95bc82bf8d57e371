import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../shared/backup/logical/manifest.ts';
import { compareWithNearManifest } from '../../../shared/validation/compare-near-manifest.ts';
import { decideVerdict } from '../../../shared/validation/verdict.ts';

const near = {
  recoveryPoint: '20260301T020000Z-1',
  snapshotAt: '2026-03-01T02:00:00.000Z',
  tables: [
    { schema: 'public', name: 'orders', rows: '3', content: 'aaa' },
    { schema: 'public', name: 'lines', rows: '9', content: 'bbb' },
  ],
} as unknown as Pick<Manifest, 'tables' | 'snapshotAt' | 'recoveryPoint'>;
const copy = (tables: Record<string, [string, string]>) =>
  new Map(
    Object.entries(tables).map(([name, [rows, content]]) => [name, { rows, content }] as never),
  ) as Parameters<typeof compareWithNearManifest>[1];
const whole: Record<string, [string, string]> = {
  'public.orders': ['3', 'aaa'],
  'public.lines': ['9', 'bbb'],
};
const compare = (difference: Record<string, [string, string]>) =>
  compareWithNearManifest(near, copy({ ...whole, ...difference }));
const required = (['tables', 'blocks', 'freshness'] as const).map((kind) => ({
  kind,
  name: kind,
  outcome: 'passed' as const,
  expected: '',
  found: '',
}));
const verdict = (checks: ReturnType<typeof compare>) => decideVerdict([...required, ...checks], 'instance');

describe('a copy beside a logical backup of a near moment', () => {
  test('with the same rows proves them', () => {
    const checks = compare({});
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'public.orders passed',
      'public.lines passed',
    ]);
    expect(verdict(checks)).toEqual({ verdict: 'verified', reason: '5 checks passed' });
  });

  test.each([
    ['more rows', ['4', 'ccc']],
    ['fewer rows', ['2', 'ccc']],
    ['as many other rows', ['3', 'ccc']],
  ] as [string, [string, string]][])(
    'with %s in a table is verified, and the table named as not proven',
    (_, orders) => {
      const checks = compare({ 'public.orders': orders });
      expect(checks.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
        'content passed',
        'coverage left-out',
      ]);
      expect(checks[1]?.found).toMatch(/^public\.orders: other rows/);
      expect(verdict(checks)).toEqual({
        verdict: 'verified',
        reason: '4 checks passed; not proven: content of tables that changed since the logical backup',
      });
    },
  );

  test('with an empty table that had rows is not proven', () => {
    expect(verdict(compare({ 'public.orders': ['0', ''] }))).toEqual({
      verdict: 'not-proven',
      reason: expect.stringMatching(
        /^public\.orders: .* found no rows: it was emptied in between, or they are lost$/,
      ),
    });
  });

  test('without a table is not proven', () => {
    const checks = compareWithNearManifest(near, copy({ 'public.orders': ['3', 'aaa'] }));
    expect(verdict(checks)).toEqual({
      verdict: 'not-proven',
      reason: expect.stringMatching(/^public\.lines: .* found no such table/),
    });
  });

  test('with another table that the backup did not have is not judged by it', () => {
    expect(compare({ 'public.new': ['7', 'ddd'] })).toEqual(compare({}));
  });
});
