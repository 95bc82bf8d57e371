import { describe, expect, test } from 'vitest';
import { type AcceptedLoss, gateOnLag, type Lag, type Way } from '../../../shared/failover/gate-on-lag.ts';
import { MINUTE } from '../../../shared/plan/values/duration.ts';
import { draws } from '../backup/logical/draws.ts';
import { at } from './looks.ts';

const NOW = at(60);

/** A replica two minutes behind and a snapshot of an hour. A test states what differs. */
const replica: Way = { way: 'replica', id: 'shop-dr', reaches: at(58), by: 'heartbeat' };
const snapshot: Way = { way: 'snapshot', id: 'shop-12', reaches: at(0), by: 'recovery point' };
const lag = (difference: Partial<Lag> = {}): Lag => ({
  ways: [replica, snapshot],
  fencedAt: null,
  maxLoss: 5 * MINUTE,
  accepted: [],
  ...difference,
});

describe('a promotion', () => {
  test('goes on with the first way of the plan whose loss is within the maximum', () => {
    expect(gateOnLag(lag(), NOW)).toMatchObject({
      gate: 'go',
      with: { way: 'replica', loss: 2 * MINUTE },
      acceptedBy: null,
    });
    const late = { ...replica, reaches: at(30) };
    const moment: Way = { way: 'pointInTime', id: 'm', reaches: at(56), by: 'recovery point' };
    expect(gateOnLag(lag({ ways: [late, moment] }), NOW)).toMatchObject({
      gate: 'go',
      with: { way: 'pointInTime' },
    });
  });

  test('asks above the maximum, with the way that loses least, what and until when', () => {
    const late = { ...replica, reaches: at(30) };
    expect(gateOnLag(lag({ ways: [snapshot, late] }), NOW)).toMatchObject({
      gate: 'ask',
      least: { way: 'replica' },
      question:
        'the replica "shop-dr" would lose 30m, everything between 2026-01-05T12:30:00.000Z and 2026-01-05T13:00:00.000Z, and the plan accepts 5m',
    });
  });

  test('counts the loss to the proven fence, and to now without one', () => {
    const late = lag({ ways: [{ ...replica, reaches: at(50) }] });
    expect(gateOnLag(late, NOW).gate).toBe('ask');
    expect(gateOnLag({ ...late, fencedAt: at(54) }, NOW)).toMatchObject({
      gate: 'go',
      with: { loss: 4 * MINUTE },
    });
    expect(gateOnLag({ ...late, fencedAt: at(90) }, NOW).gate).toBe('ask'); // a fence of the future is none
  });

  test('with a lag that is not known asks, also where any loss is accepted', () => {
    const unknown = { ...replica, reaches: null, by: 'the replica did not answer' };
    for (const maxLoss of [5 * MINUTE, null])
      expect(gateOnLag(lag({ ways: [unknown], maxLoss }), NOW)).toMatchObject({
        gate: 'ask',
        least: null,
        question: expect.stringContaining('not known (the replica "shop-dr": the replica did not answer)'),
      });
  });

  test.each([
    ['in the future', at(61)],
    ['not a time', new Date(Number.NaN)],
  ])('does not believe a position that is %s', (_, reaches) => {
    expect(gateOnLag(lag({ ways: [{ ...replica, reaches }], maxLoss: null }), NOW)).toMatchObject({
      gate: 'ask',
      losses: [{ loss: null }],
    });
  });

  test('asks where there is nothing to promote or restore', () => {
    expect(gateOnLag(lag({ ways: [] }), NOW)).toMatchObject({
      gate: 'ask',
      question: 'there is nothing to promote or restore, and the plan accepts 5m',
    });
  });

  test('goes on with a loss that a person accepted by name and number, and with no other', () => {
    const ways = [{ ...replica, reaches: at(48) }];
    const accepted: AcceptedLoss = { way: 'replica', id: 'shop-dr', atMost: 12 * MINUTE, by: 'alice' };
    const gate = (each: AcceptedLoss) => gateOnLag(lag({ ways, accepted: [each] }), NOW);
    expect(gate(accepted)).toMatchObject({ gate: 'go', acceptedBy: 'alice' });
    expect(gate({ ...accepted, atMost: 12 * MINUTE - 1 }).gate).toBe('ask'); // it grew since
    expect(gate({ ...accepted, id: 'another' }).gate).toBe('ask');
    expect(gate({ ...accepted, way: 'snapshot' }).gate).toBe('ask');
  });

  test('does not go on with an unknown loss that a person accepted', () => {
    const ways = [{ ...replica, reaches: null }];
    const accepted = [
      { way: 'replica', id: 'shop-dr', atMost: Number.POSITIVE_INFINITY, by: 'alice' },
    ] as const;
    expect(gateOnLag(lag({ ways, accepted }), NOW).gate).toBe('ask');
  });
});

test('in random states it never goes on with a loss that neither the plan nor a person accepts', () => {
  let gone = 0;
  for (let seed = 1; seed <= 5_000; seed++) {
    const { number } = draws(seed);
    const names = ['replica', 'pointInTime', 'snapshot', 'logical'] as const;
    const ways = names.slice(0, number(5)).map(
      (way): Way => ({
        way,
        id: `of ${way}`,
        by: 'a draw',
        reaches: number(4) === 0 ? null : at(number(64)),
      }),
    );
    const maxLoss = number(5) === 0 ? null : number(30) * MINUTE;
    const accepted = ways.flatMap(({ way, id }) =>
      number(4) === 0 ? [{ way, id, atMost: number(60) * MINUTE, by: 'alice' }] : [],
    );
    const fencedAt = number(2) === 0 ? at(number(64)) : null;
    const gate = gateOnLag({ ways, fencedAt, maxLoss, accepted }, NOW);
    if (gate.gate !== 'go') continue;
    gone++;
    const { reaches, id } = gate.with;
    const end = Math.min(fencedAt?.getTime() ?? NOW.getTime(), NOW.getTime());
    const lost = Math.max(0, end - (reaches?.getTime() ?? Number.NaN));
    const most = Math.max(
      maxLoss ?? Number.POSITIVE_INFINITY,
      ...accepted.filter((each) => each.id === id).map(({ atMost }) => atMost),
    );
    expect(lost, `seed ${seed}`).toBeLessThanOrEqual(most);
  }
  expect(gone).toBeGreaterThan(1_000);
});
