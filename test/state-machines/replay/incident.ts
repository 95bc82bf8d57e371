import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import type { Answers } from '../machine-under-test.ts';

import { assessed, continued, held, input, reportOf, unlocked, walk, work, worker } from './scene.ts';

export function describeIncident(): void {
  describe('a replay that answers an incident and fails reports both', () => {
    const incident = { failedAt: '2026-03-01T02:58:00.000Z' };
    const broken = fail('Broken', 'no');
    const toTheEnd: Answers = { ...opened, ...work, ...closed };
    const until = (state: string): Answers => {
      const entries = Object.entries(toTheEnd);
      return Object.fromEntries(
        entries.slice(
          0,
          entries.findIndex(([name]) => name === state),
        ),
      );
    };

    test.each([
      ['Inspect the queue', { ...until('Inspect the queue'), ...closed }],
      ['Lock the queue', { ...until('Lock the queue'), ...unlocked, ...closed }],
      ['Send the canary', { ...until('Send the canary'), ...unlocked, ...closed }],
      ['Settle the account', { ...toTheEnd }],
    ])('in %s', async (state, answers) => {
      const run = await walk({ ...input, incident }, { ...answers, [state]: broken });
      expect(reportOf(run)).toMatchObject({ facts: { incident }, failure: { error: 'Broken', cause: 'no' } });
    });

    test('while it drains', async () => {
      const run = await walk(continued({ shares: 'none', facts: { incident } }), {
        ...held,
        ...unlocked,
        ...closed,
      });
      expect(reportOf(run)).toMatchObject({
        facts: { incident },
        failure: { error: 'States.QueryEvaluationError' },
      });
    });

    test('when it cannot go on', async () => {
      const run = await walk(continued({ facts: { incident } }), {
        ...held,
        'Drain a share': () => lambdaReturns(worker('time', 5)),
        ...assessed,
        'Continue as a new execution': broken,
        ...unlocked,
        ...closed,
      });
      expect(reportOf(run)).toMatchObject({ facts: { incident }, failure: { error: 'Broken', cause: 'no' } });
    });
  });
}
