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
    ['of one queue', unplanned, ['queue:orders'], ['queue:orders'], false],
    ['of no queue that is known', unplanned, [], [], false],
    ['of two queues', unplanned, ['queue:orders', 'queue:payments'], [], true],
    [
      'of two queues, of which one has no redrive policy any more',
      unplanned,
      ['queue:orders'],
      ['queue:payments'],
      true,
    ],
    ['of two functions', unplanned, [], ['queue:orders', 'queue:payments'], true],
    [
      'of two queues, filtered to one',
      { ...unplanned, isFiltered: true },
      ['queue:orders', 'queue:payments'],
      ['queue:orders'],
      false,
    ],
    [
      'of two queues, filtered to both',
      { ...unplanned, isFiltered: true },
      ['queue:orders', 'queue:payments'],
      ['queue:orders', 'queue:payments'],
      true,
    ],
    [
      'of two queues, where the plan says any',
      { ...unplanned, planned: 'any' },
      ['queue:orders', 'queue:payments'],
      ['queue:orders', 'queue:payments'],
      false,
    ],
    [
      'of two queues, with a target for one',
      { ...unplanned, planned: { payments: { target } } },
      ['queue:orders', 'queue:payments'],
      [],
      false,
    ],
    ['of a queue and a function of one name', unplanned, ['queue:orders'], ['function:orders'], true],
    [
      'of a queue and a function of one name, with one target for both',
      { ...unplanned, planned: { orders: { target } } },
      ['queue:orders'],
      ['function:orders'],
      true,
    ],
    [
      'of a queue and a function of one name, with a target for each',
      { ...unplanned, planned: { 'queue:orders': { target }, 'function:orders': { target } } },
      ['queue:orders'],
      ['function:orders'],
      false,
    ],
    [
      'of a queue and a function of one name, with a target for one, and that of all others',
      { ...unplanned, planned: { 'function:orders': { target } } },
      ['queue:orders'],
      ['function:orders'],
      false,
    ],
  ])('%s is refused: %5$j', (_, rules, feeding, found, isRefused) => {
    const refused = mixedSources(rules, feeding, found);
    expect(refused !== null).toBe(isRefused);
    if (refused?.startsWith('messages')) expect(refused).toMatch(/^messages of 2 sources .*sources: any/);
  });

  test.each<[string, SourceRules['planned'], string[], RegExp]>([
    ['by name', undefined, ['queue:orders', 'queue:payments'], /\(orders, payments\).*: source == 'NAME'$/],
    [
      'by kind too where two have one name',
      undefined,
      ['queue:orders', 'function:orders', 'queue:payments'],
      /\(function:orders, payments, queue:orders\).*: source == 'NAME' && sourceKind == 'KIND'$/,
    ],
    [
      'as the plan has to name them',
      { orders: { target } },
      ['queue:orders', 'function:orders'],
      /^the plan's source `orders` is 2 sources with one name: write `function:orders` and `queue:orders`/,
    ],
  ])('is refused with its sources %s', (_, planned, found, words) => {
    expect(mixedSources({ planned, isFiltered: false }, [], found)).toMatch(words);
  });
});

describe('a worker', () => {
  test('stops at the first message of a second source, and not at one that tells nothing', () => {
    const watch = createSourceWatch(undefined);
    const [orders, payments] = ['queue:orders', 'queue:payments'];
    expect([watch.admit(orders), watch.admit(null), watch.admit(orders)]).toEqual([null, null, null]);
    expect(watch.admit(payments)).toContain('orders, payments');
  });

  test.each([undefined, { orders: { target } }])(
    'stops at a function with the name of a queue: %j',
    (planned) => {
      const watch = createSourceWatch(planned);
      expect(watch.admit('queue:orders')).toBeNull();
      expect(watch.admit('function:orders')).toMatch(/function:orders.*queue:orders/);
    },
  );

  test('stops at none where the plan says what is to be done', () => {
    const watch = createSourceWatch('any');
    expect([watch.admit('queue:orders'), watch.admit('queue:payments')]).toEqual([null, null]);
  });
});
