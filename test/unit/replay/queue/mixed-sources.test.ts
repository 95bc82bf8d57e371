import { describe, expect, test } from 'vitest';
import {
  createSourceWatch,
  mixedSources,
  type SourceRules,
} from '../../../../shared/replay/queue/mixed-sources.ts';

const target = { queue: 'orders' };
const unplanned: SourceRules = { planned: undefined, isFiltered: false };

describe('a dead-letter queue', () => {
  test.each<[string, SourceRules, feeding: string[], found: string[], isRefused: boolean]>([
    ['of one queue', unplanned, ['orders'], ['orders'], false],
    ['of no queue that is known', unplanned, [], [], false],
    ['of two queues', unplanned, ['orders', 'payments'], [], true],
    ['of two queues, of which one has no redrive policy any more', unplanned, ['orders'], ['payments'], true],
    ['of two functions', unplanned, [], ['orders', 'payments'], true],
    [
      'of two queues, filtered to one',
      { ...unplanned, isFiltered: true },
      ['orders', 'payments'],
      ['orders'],
      false,
    ],
    [
      'of two queues, filtered to both',
      { ...unplanned, isFiltered: true },
      ['orders', 'payments'],
      ['orders', 'payments'],
      true,
    ],
    [
      'of two queues, where the plan says any',
      { ...unplanned, planned: 'any' },
      ['orders', 'payments'],
      ['orders', 'payments'],
      false,
    ],
    [
      'of two queues, with a target for one',
      { ...unplanned, planned: { payments: { target } } },
      ['orders', 'payments'],
      [],
      false,
    ],
  ])('%s is refused: %5$j', (_, rules, feeding, found, isRefused) => {
    const refused = mixedSources(rules, feeding, found);
    expect(refused).toEqual(
      isRefused ? expect.stringMatching(/^messages of 2 sources .*\(orders, payments\).*sources: any/) : null,
    );
  });
});

describe('a worker', () => {
  test('stops at the first message of a second source, and not at one that tells nothing', () => {
    const watch = createSourceWatch(undefined);
    expect([watch.admit('orders'), watch.admit(null), watch.admit('orders')]).toEqual([null, null, null]);
    expect(watch.admit('payments')).toContain('orders, payments');
  });

  test('stops at none where the plan says what is to be done', () => {
    const watch = createSourceWatch('any');
    expect([watch.admit('orders'), watch.admit('payments')]).toEqual([null, null]);
  });
});
