import { describe, expect, it } from 'vitest';
import { queueNamed } from '../../../cli/commands/options.ts';
import { wantedOf } from '../../../cli/commands/quarantine.ts';
import { rehydrationNamed } from '../../../cli/commands/rehydrate.ts';
import { replayOptions } from '../../../cli/commands/replay.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import { WrongUsage } from '../../../cli/usage.ts';
import { NotInPlan, replayOf } from '../../../shared/plan/lookup.ts';
import { ExpressionInvalid } from '../../../shared/plan/values/expression.ts';

const { plan } = await findPlan('mailblast');
const several = { ...plan, replays: { ...plan.replays, orders: replayOf(plan, 'webhook-events') } };

describe('the queue of a replay', () => {
  it('is the only one of the plan unless it is named', () => {
    expect(queueNamed(plan, undefined)).toBe('webhook-events');
    expect(queueNamed(several, 'orders')).toBe('orders');
  });

  it('is never guessed among several, nor one that the plan does not have', () => {
    expect(() => queueNamed(several, undefined)).toThrow('name one: webhook-events, orders');
    expect(() => queueNamed(plan, 'evnts')).toThrow(NotInPlan);
    expect(() => queueNamed({ ...plan, replays: {} }, undefined)).toThrow(WrongUsage);
  });

  it('is as much of the plan as a rehydration is', () => {
    expect(rehydrationNamed(plan, 'failed-jobs')).toBe('failed-jobs');
    expect(() => rehydrationNamed(plan, undefined)).toThrow('name one: pending-campaigns, failed-jobs');
    expect(() => rehydrationNamed(plan, 'jobs')).toThrow(NotInPlan);
  });
});

describe('what is asked of one replay', () => {
  it('is what was said, and nothing else', () => {
    expect(replayOptions(plan, 'webhook-events', {})).toEqual({});
    expect(replayOptions(plan, 'webhook-events', { max: 10, rate: 5, minutes: 2, dryRun: true })).toEqual({
      max: 10,
      rate: 5,
      minutes: 2,
      dryRun: true,
    });
  });

  it('has no filter that cannot be read, and says where reading stopped', () => {
    const asked = () =>
      replayOptions(plan, 'webhook-events', { filter: "message.eventType == 'Bounce' && [" });
    expect(asked).toThrow(ExpressionInvalid);
    expect(asked).toThrow(/column 35 on:\n {2}message\.eventType == 'Bounce' && \[\n {36}\^/);
  });

  it('is never faster than the plan allows', () => {
    expect(() => replayOptions(plan, 'webhook-events', { rate: 201 })).toThrow('200 a second');
    expect(replayOptions(plan, 'webhook-events', { rate: 200 })).toEqual({ rate: 200 });
  });
});

describe('what is released', () => {
  it('is what is named, or all of a kind', () => {
    expect(wantedOf(['a', 'b'], {})).toEqual({ ids: ['a', 'b'] });
    expect(wantedOf([], { all: true, kind: 'refused' })).toEqual({ kind: 'refused' });
  });

  it.each([
    [[], {}, 'say which'],
    [[], { all: true }, '--all goes with --kind'],
    [[], { kind: 'refused' }, '--kind goes with --all'],
    [['a'], { all: true, kind: 'refused' }, 'name messages by their ids'],
  ] as const)('is nothing at all where %j and %j are said', (ids, options, message) => {
    expect(() => wantedOf(ids, options)).toThrow(message);
  });
});
