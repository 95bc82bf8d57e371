import { expect, test } from 'vitest';
import { phasesOf } from '../../../shared/run/evidence.ts';

test('the phases of a run are the steps that finished, in order, with their seconds', () => {
  const steps = {
    choose: {
      startedAt: '2026-10-05T04:00:00.000Z',
      finishedAt: '2026-10-05T04:00:00.250Z',
      backup: 'full',
    },
    load: { startedAt: '2026-10-05T04:00:02.000Z' },
    validate: {},
    tearDown: { startedAt: '2026-10-05T04:05:00.000Z', finishedAt: '2026-10-05T04:05:01.000Z' },
  };
  expect(phasesOf(steps)).toEqual([
    { name: 'choose', seconds: 0.25 },
    { name: 'tearDown', seconds: 1 },
  ]);
});
