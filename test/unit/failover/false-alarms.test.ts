import { describe, expect, test } from 'vitest';
import { assess } from '../../../shared/failover/assess.ts';
import { MINUTE, milliseconds } from '../../../shared/plan/values/duration.ts';
import { at, evidence, looks } from './looks.ts';

/* What public issues of other tools report, written small: failovers that came too early, too late, twice or for nothing. */

const assessed = (health: string, database: string, errors: string, difference = {}) => {
  const sightings = [...looks('health', health), ...looks('database', database), ...looks('errors', errors)];
  return assess(evidence({ sightings, ...difference }), at(health.length - 1 + 0.05));
};
const signal = { failsFor: milliseconds(10 * MINUTE) };
const patient = { signals: { health: signal, database: signal, errors: signal } };

describe('a failover that was not needed', () => {
  // github.com/hapostgres/pg_auto_failover/pull/1141: a health that was not known yet fell through to "unhealthy".
  test('does not come from signals that nobody has seen yet', () => {
    expect(assessed('uuuuuu', 'uuuuuu', 'hhhhhh').primary).toBe('undecided');
  });

  // github.com/hapostgres/pg_auto_failover/issues/1062: the monitor's own network was cut off from a primary that was well.
  test('does not come from one observer alone', () => {
    expect(assessed('hhhhhhhh', 'hhffffff', 'hhhhhhhh').primary).toBe('healthy');
  });

  // github.com/openark/orchestrator/issues/1041: "unreachable is not a good indicator for a failover" by itself.
  test('does not come from one signal that fails while another is unknown', () => {
    expect(assessed('hhuuuuuu', 'hhffffff', 'hhhhhhhh').primary).toBe('undecided');
  });

  // github.com/hashicorp/consul/pull/10256: with ten failures asked for, the first one made the check critical.
  test('does not come from the first failure', () => {
    expect(assessed('hhhhf', 'hhhhf', 'hhhhh', patient).primary).toBe('undecided');
  });

  // github.com/patroni/patroni/issues/1195 and issues/2868: it acted after 2 s of 10, and after 15 s of 120.
  test('does not come a minute before its time', () => {
    expect(assessed('hffffffffff', 'hffffffffff', 'hhhhhhhhhhh', patient).primary).toBe('undecided');
    expect(assessed('hfffffffffff', 'hfffffffffff', 'hhhhhhhhhhhh', patient).primary).toBe('lost');
  });

  // github.com/hashicorp/consul-esm/issues/315: one that passes, fails, fails, fails, and so on.
  test('does not come from failures that are never long enough in a row', () => {
    const pattern = 'hfffhfffhfffhfff';
    expect(assessed(pattern, pattern, 'h'.repeat(16), patient).primary).toBe('undecided');
  });

  // github.com/acassen/keepalived/issues/2289: all checks timed out in one second on a machine that was busy, and passed in the next.
  test('does not come from one bad minute of the watcher', () => {
    expect(assessed('hhhfhh', 'hhhfhh', 'hhhfhh').primary).toBe('healthy');
  });

  // github.com/hashicorp/consul/issues/2890: a service that flaps disturbs everybody, and nothing says that it does.
  test('does not come from a flapping signal, which is told', () => {
    const assessment = assessed('hfhfhfhf', 'hfhfhfhf', 'hhhhhhhh');
    expect(assessment).toMatchObject({ primary: 'undecided' });
    expect(assessment.signals.slice(0, 2)).toMatchObject([{ flaps: true }, { flaps: true }]);
  });

  // github.com/openark/orchestrator/pull/768: after a new leader took over, it acted by what it had not looked at for a while.
  test('does not come from what was seen before the watcher stood still', () => {
    expect(assessed('hhfff     ', 'hhfff     ', 'hhhhh     ').primary).toBe('undecided');
    expect(assessed('hhfff     f', 'hhfff     f', 'hhhhh     h').primary).toBe('undecided');
  });
});

describe('a failover that was needed', () => {
  // github.com/openark/orchestrator/issues/1101: an answer that never came held everything up.
  test('comes even if a third signal stays unknown', () => {
    expect(assessed('hhfff', 'hhfff', 'uuuuu').primary).toBe('lost');
  });

  // github.com/hapostgres/pg_auto_failover/issues/507: a look that was late began the whole time anew.
  test('comes in its time where one look is late or missing', () => {
    expect(assessed('hhf ff', 'hhff f', 'hhhhhh')).toMatchObject({ primary: 'lost', since: at(2) });
  });

  // github.com/openark/orchestrator/issues/294: it stayed blocked by an earlier one, although its time was over.
  test('is not held by an earlier one whose time is over', () => {
    const { decide } = evidence();
    const notWithin = milliseconds(60 * MINUTE);
    const lost = (minutes: number) =>
      assessed('hhfff', 'hhfff', 'hhhhh', { decide: { ...decide, notWithin }, lastFailover: at(minutes) });
    expect(lost(-60)).toMatchObject({ primary: 'lost', held: [] });
    // github.com/openark/orchestrator/issues/1217: counted from its beginning, the time was over before it ended.
    expect(lost(-30)).toMatchObject({
      primary: 'lost',
      held: [expect.stringContaining('the last failover ended')],
    });
  });
});
