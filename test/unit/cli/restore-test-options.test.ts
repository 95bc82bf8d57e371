import { describe, expect, it } from 'vitest';
import { restoreTestNamed } from '../../../cli/commands/restore-test.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import { WrongUsage } from '../../../cli/usage.ts';
import { NotInPlan, restoreTestOf } from '../../../shared/plan/lookup.ts';

const { plan } = await findPlan('mailblast');
const several = {
  ...plan,
  restoreTests: { ...plan.restoreTests, random: restoreTestOf(plan, 'nightly') },
};

describe('the restore test that a person means', () => {
  it('is the only one of the plan, or the one that is named', () => {
    expect(restoreTestNamed(plan, undefined)).toBe('nightly');
    expect(restoreTestNamed(several, 'random')).toBe('random');
  });

  it('is asked for where the plan has several, with their names', () => {
    expect(() => restoreTestNamed(several, undefined)).toThrow(WrongUsage);
    expect(() => restoreTestNamed(several, undefined)).toThrow('--test: nightly, random');
  });

  it('is none that the plan does not have', () => {
    expect(() => restoreTestNamed(plan, 'weekly')).toThrow(NotInPlan);
    expect(() => restoreTestNamed(plan, 'weekly')).toThrow('it has: nightly');
    expect(() => restoreTestNamed({ ...plan, restoreTests: {} }, undefined)).toThrow(
      'the plan of mailblast has no restore test',
    );
  });
});
