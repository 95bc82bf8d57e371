import { expect, it } from 'vitest';
import { workloadsWithSeveralPlans } from '../../../cli/commands/plan-check.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import { planWarnings } from '../../../cli/render/plan-summary.ts';

const { plan } = await findPlan('mailblast');
const { plan: other } = await findPlan('marimo-erp');

it('refuses two plans of one workload, and names both files', () => {
  expect(
    workloadsWithSeveralPlans([
      { path: 'plans/a.yml', plan },
      { path: 'plans/b.yml', plan: other },
      { path: 'plans/c.yml' },
      { path: 'plans/d.yml', plan },
    ]),
  ).toEqual(['workload "mailblast" has several plans: plans/a.yml, plans/d.yml; keep one of them']);
});

it('says what a plan promises that Lifeboat alone cannot keep, and which backup nobody restores', () => {
  expect(planWarnings(plan)).toEqual(['main: worst loss by what Lifeboat takes: 1d, objective 15m']);
  expect(planWarnings({ ...plan, restoreTests: {} })).toContain(
    'backup main/full: no restore test restores it',
  );
});
