import { expect, test } from 'vitest';
import { checkStop } from '../../../shared/validation/check-stop.ts';
import { decideVerdict } from '../../../shared/validation/verdict.ts';

const at = (time: string) => new Date(`2026-03-08T${time}Z`);
const moment = at('11:00:30.000');
const between = { before: at('11:00:00.000'), after: at('11:01:00.000') };
const others = (['tables', 'blocks', 'freshness'] as const).map((kind) => ({
  kind,
  name: kind,
  outcome: 'passed' as const,
  expected: '',
  found: '',
}));

test.each([
  ['the last heartbeat before the moment', at('11:00:00.000'), 'passed', 'verified', /^4 checks passed$/],
  [
    'an earlier one',
    at('10:59:00.000'),
    'failed',
    'rejected',
    /too early: .* that of 2026-03-08T11:00:00.000Z is missing/,
  ],
  ['none', null, 'failed', 'rejected', /too early: .* its newest heartbeat is none/],
  [
    'the next one',
    at('11:01:00.000'),
    'failed',
    'rejected',
    /too late: .* it holds the heartbeat of 2026-03-08T11:01/,
  ],
] as const)('a copy with %s', (_, newest, outcome, verdict, reason) => {
  const check = checkStop(moment, between, newest);
  expect(check).toMatchObject({ kind: 'stop', outcome });
  expect(decideVerdict([...others, check], 'instance')).toEqual({
    verdict,
    reason: expect.stringMatching(reason),
  });
});

test('a copy of a moment without heartbeats around it is verified, and it is named what is not proven', () => {
  const check = checkStop(moment, null, at('11:00:00.000'));
  expect(check).toMatchObject({ kind: 'coverage', outcome: 'left-out' });
  expect(decideVerdict([...others, check], 'instance')).toEqual({
    verdict: 'verified',
    reason: '3 checks passed; not proven: the copy stops exactly at the moment',
  });
});
