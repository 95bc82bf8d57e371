import { expect } from 'vitest';
import { planWarnings } from '../../../cli/render/plan-summary.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import { fieldCase } from '../field-case.ts';

fieldCase('B4', async (now) => {
  const plan = await loadPlan('plans/mailblast.yml');
  const queue = plan.replays['webhook-events'];
  if (!queue) throw new Error('the plan replays webhook-events');
  const with_ = (schedule: typeof queue.schedule) => ({
    ...plan,
    replays: { 'webhook-events': { ...queue, schedule } },
  });
  const warned = planWarnings(with_('on-demand')).filter((warning) => warning.startsWith('replay '));
  now(warned.join());
  expect(warned).toEqual([
    expect.stringMatching(
      /^replay webhook-events: only its alarm starts it\. An alarm that stays in ALARM starts nothing a second time.*add `schedule: rate/,
    ),
  ]);
  expect(planWarnings(plan).filter((warning) => warning.startsWith('replay '))).toEqual([]);
});
