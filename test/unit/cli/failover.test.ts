import { expect, test } from 'vitest';
import { assessmentLines, gateInWords, signalRow } from '../../../cli/render/failover.ts';
import { assess } from '../../../shared/failover/assess.ts';
import { gateOnLag } from '../../../shared/failover/gate-on-lag.ts';
import { waysOf } from '../../../shared/failover/ways.ts';
import type { LossNow } from '../../../shared/objectives/loss-now.ts';
import { MINUTE } from '../../../shared/plan/values/duration.ts';
import { at, evidence, looks } from '../failover/looks.ts';

const seen = (health: string, database: string, difference = {}) =>
  assess(
    evidence({
      sightings: [...looks('health', health), ...looks('database', database), ...looks('errors', 'hhhhh')],
      ...difference,
    }),
    at(4.5),
  );

test('a lost primary shows since when, until when it was healthy, and what holds a failover', () => {
  const switchedOff = { since: at(0), by: 'alice', reason: 'an upgrade' };
  expect(assessmentLines(seen('hhfff', 'hhfff', { switchedOff }))).toEqual([
    'LOST since 2026-01-05 12:02:00Z, still healthy at 2026-01-05 12:01:00Z',
    'no failover starts by itself: alice switched the automatic failover off at 2026-01-05T12:00:00.000Z: an upgrade',
  ]);
});

test('one that is not decided shows why, and one that is well says so', () => {
  expect(assessmentLines(seen('hhhff', 'hhhff'))).toEqual([
    'not decided whether it is lost:',
    'health fails for 1m 30s and counts after 2m: failing at 4',
    'database fails for 1m 30s and counts after 2m: failing at 4',
  ]);
  expect(assessmentLines(seen('hhhhh', 'hhhhh'))).toEqual(['not lost: too few signals fail']);
});

test('a signal shows what was seen, since when and what was found', () => {
  const { signals } = seen('hhfff', 'uuuuu');
  const [health, database] = signals.map((signal) => signalRow(signal, at(4.5)));
  expect(health).toEqual(['health', 'failing (counts)', '2m 30s ago', '3m 30s ago', 'failing at 4']);
  expect(database).toEqual(['database', 'unknown', '4m 30s ago', 'never', 'unknown at 4']);
});

test('a promotion shows what it would lose, by the newest recovery point of each way that is seen from here', () => {
  const now = at(60);
  const loss = (method: LossNow['method'], backup: string, ageMinutes: number | null) =>
    ({
      database: 'main',
      backup,
      method,
      newest: ageMinutes === null ? null : { id: backup, ageSeconds: ageMinutes * 60 },
    }) as LossNow;
  const losses = [
    loss('logical', 'nightly', 600),
    loss('logical', 'hourly', 30),
    loss('pointInTime', 'continuous', 4),
    loss('rdsSnapshot', 'none', null),
    { ...loss('logical', 'other', 1), database: 'another' },
  ];
  const replica = { database: 'main', replica: 'shop-dr', completeTo: at(59).toISOString(), problem: null };
  const ways = waysOf({ losses, replicas: [] }, 'main', now);
  expect(ways.map(({ way, id, reaches }) => [way, id, reaches])).toEqual([
    ['pointInTime', 'continuous', at(56)],
    ['logical', 'hourly', at(30)],
  ]);
  expect(waysOf({ losses, replicas: [replica] }, 'main', now)[0]).toMatchObject({
    way: 'replica',
    reaches: at(59),
  });
  const broken = { ...replica, problem: 'it is creating' };
  expect(waysOf({ losses: [], replicas: [broken] }, 'main', now)).toEqual([
    { way: 'replica', id: 'shop-dr', reaches: null, by: 'it is creating' },
  ]);
  const gate = (maxLoss: number) =>
    gateInWords(gateOnLag({ ways, fencedAt: null, maxLoss, accepted: [] }, now));
  expect(gate(5 * MINUTE)).toBe('a failover would use pointInTime "continuous" and lose 4m');
  expect(gate(MINUTE)).toContain('a failover would ask first: the newest moment "continuous" would lose 4m');
});
