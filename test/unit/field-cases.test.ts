import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CaseId, fieldCases } from '../cases/list.ts';
import { caseTable, type TriedCase, unproven } from '../cases/table.ts';

test('each case from the field is tried by one test', () => {
  const tried = globSync('test/**/*.test.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bfieldCase\(\s*'([A-Z]\d+)'/g)].map(([, id = '']) => id),
  );
  expect(tried.toSorted()).toEqual(Object.keys(fieldCases).sort());
});

describe('the table of cases', () => {
  const all = (Object.keys(fieldCases) as CaseId[]).map(
    (id): TriedCase => ({ id, state: 'passed', now: `${id} is right` }),
  );

  test('is whole and good where every case has passed', () => {
    expect(unproven(all)).toEqual([]);
    const table = caseTable(all);
    expect(table).toContain(`${all.length} of ${all.length} passed`);
    for (const { id } of all) expect(table).toMatch(new RegExp(`│ ${id} .*`));
  });

  test.each<[string, readonly TriedCase[], string]>([
    ['was not tried', [], 'NOT TRIED'],
    ['was skipped without a reason', [{ id: 'B5', state: 'skipped' }], 'SKIPPED: nothing'],
    ['failed', [{ id: 'B5', state: 'failed', now: '0 pushed' }], 'FAILED: 0 pushed'],
    [
      'passed once and failed once',
      [
        { id: 'B5', state: 'passed' },
        { id: 'B5', state: 'failed' },
      ],
      'FAILED: nothing',
    ],
  ])('has a row of a case that %s, and the run fails', (_, results, words) => {
    const tried = [...all.filter(({ id }) => id !== 'B5'), ...results];
    expect(unproven(tried)).toEqual(['B5']);
    expect(caseTable(tried)).toContain(words);
    expect(caseTable(tried)).toContain(`${all.length - 1} of ${all.length} passed`);
  });

  test('has the reason of a case that this machine cannot try, and the run does not fail', () => {
    const tried = all.map(
      (each): TriedCase =>
        each.id === 'B5' ? { id: 'B5', state: 'skipped', skipped: 'redis-server is not on PATH' } : each,
    );
    expect(unproven(tried)).toEqual([]);
    const table = caseTable(tried);
    expect(table).toContain('SKIPPED: redis-server is not on PATH');
    expect(table).toContain(`${all.length - 1} of ${all.length} passed, 1 skipped`);
  });
});
