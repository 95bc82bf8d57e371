import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import { requireDeployable } from '../../../resources/require-deployable.ts';
import { countResources } from '../../../resources/resource-limit.ts';
import { DATABASE, planOf, RESTORE_TEST } from './plan-fixture.ts';

/** This many databases, each with a restore test. */
function planWith(many: number) {
  const names = Array.from({ length: many }, (_, index) => `db-${index}`);
  return planOf({
    databases: Object.fromEntries(names.map((name) => [name, DATABASE])),
    restoreTests: Object.fromEntries(
      names.map((name) => [
        `test-of-${name}`,
        { ...RESTORE_TEST, from: { ...RESTORE_TEST.from, database: name } },
      ]),
    ),
  });
}

describe('the resources of the stack', () => {
  test('are counted', async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map((many) => countResources(derive(planWith(many)))),
    );
    expect(one).toBeGreaterThan(100);
    expect((three ?? 0) - (two ?? 0)).toBe(16);
    expect((two ?? 0) - (one ?? 0)).toBe(16);
  });

  test('are refused above what CloudFormation allows, with the number', async () => {
    await requireDeployable(planWith(20), 'prod');
    await expect(requireDeployable(planWith(40), 'prod')).rejects.toThrow(
      /stack of workload "shop" would have \d+ resources; CloudFormation allows 500: give some of the databases/,
    );
  });
});
