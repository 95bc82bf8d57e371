import { describe, expect, it } from 'vitest';
import { isPointId } from '../../../cli/commands/options.ts';
import { intoOf, restoreQuestion, wantedPoint } from '../../../cli/commands/restore.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import { nextSteps } from '../../../cli/render/next-step.ts';
import { instanceRestoreOf } from '../../../shared/plan/lookup.ts';

const { plan } = await findPlan('healing-guard');
const at = new Date('2026-11-22T03:59:59.800Z');

describe('a restore into an RDS instance', () => {
  it('of a time is of that very second, verified before or not', () => {
    expect(wantedPoint({ at }, true)).toEqual({ choose: '20261122T035959Z' });
    expect(wantedPoint({ at: 'newest' }, true)).toEqual({ choose: 'newest' });
    expect(wantedPoint({ point: '20261122T035959Z' }, true)).toEqual({ choose: '20261122T035959Z' });
  });

  it('asks first, and says that an instance costs money', () => {
    const question = { into: 'shop-again', stage: 'prod', region: 'us-east-1' };
    expect(restoreQuestion(plan, 'instance', { ...question, at })).toBe(
      'Restore the state at 2026-11-22T03:59:59.800Z of healing-guard/main, stage prod, in us-east-1 into the new RDS instance shop-again, which costs money until you delete it',
    );
  });

  it.each(['Shop', 'shop_again', 'shop--again', 'shop-', 'lifeboat-scratch-1'])(
    'of the name %j is refused before anything',
    (into) => {
      expect(() => intoOf(plan, 'instance', { into })).toThrow(
        expect.objectContaining({ name: 'NameUnusable' }),
      );
    },
  );

  it('takes the name of the plan where the call gives none, and needs one of them', () => {
    expect(() => intoOf(plan, 'instance', {})).toThrow('--into <name>');
    const place = instanceRestoreOf(plan, 'instance');
    const into = { instance: { ...place.instance, name: 'shop-again' } };
    const named = { ...plan, restores: { instance: { ...place, into } } };
    expect(intoOf(named, 'instance', {})).toBe('shop-again');
    expect(intoOf(named, 'instance', { into: 'other' })).toBe('other');
  });

  it('has no part', () => {
    expect(() => intoOf(plan, 'instance', { into: 'a', only: ['public.orders'] })).toThrow('restored whole');
  });

  it('ends with the command that reads its secret', () => {
    const secret = 'lifeboat/healing-guard/restored/shop-again/8f14e45f';
    const times = { startedAt: '2026-03-01T03:00:00.000Z', finishedAt: '2026-03-01T03:00:01.000Z' };
    const handOver = {
      ...times,
      instance: 'shop-again',
      complete: true,
      waitingFor: null,
      address: { host: 'here', port: 5432, database: 'app' },
      login: 'app',
      secret,
      recoveryPoint: '20261122T035959Z',
      validated: { ...times, verdict: 'verified', reason: '9 checks passed', checks: 9, recoveredTo: null },
    };
    const run = {
      machine: 'restore',
      outcome: 'restored',
      subject: 'instance',
      account: null,
      steps: { handOver },
    };
    const where = { planPath: 'plans/healing-guard.yml', stage: 'prod', region: 'us-east-1' };
    expect(nextSteps(run as never, where)).toMatchObject([
      { command: expect.stringContaining(`--secret-id ${secret} --region us-east-1`) },
    ]);
  });
});

it.each([
  ['20261122T020000Z-3f9a1c55-0b1c2d3e', true],
  ['20261122T020000Z-5f0c1a2b9d8e7f6a', true],
  ['20261122T035959Z', true],
  ['20261122T035959', false],
  ['nightly', false],
  ['20261122T020000Z-', false],
])('%j can be the id of a recovery point: %s', (text, is) => {
  expect(isPointId(text)).toBe(is);
});
