import { expect, test } from 'vitest';
import { NoLiveSource, requireLiveSource } from '../../../cli/commands/compare.ts';
import { planOf } from '../resources/plan-fixture.ts';
import { inPipes } from './run-lifeboat.ts';

test('a copy in the standby Region has no live source to be compared with, and the command says so', async () => {
  const call = ['compare', 'plans/mailblast.yml', 'mailblast_restored', '--region', 'standby'];
  const { code, stderr } = await inPipes(call);
  expect(code).toBe(2);
  expect(stderr).toContain('its live source, which is in us-east-1: nothing in us-west-2 reaches both');
  expect(stderr).toContain('in its evidence');
});

test('the same where the environment names that Region, and not in any other', () => {
  expect(() => requireLiveSource(planOf(), 'eu-west-1')).toThrow(NoLiveSource);
  for (const region of ['eu-central-1', 'us-east-1'])
    expect(requireLiveSource(planOf(), region)).toBeUndefined();
});
