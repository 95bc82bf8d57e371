import { describe, expect, test } from 'vitest';
import { deriveSubscriptions } from '../../../resources/subscriptions.ts';
import { planOf } from './plan-fixture.ts';

interface Subscription {
  readonly Properties: Record<string, unknown>;
}
const subscriptionsOf = (notifications: object) =>
  Object.values(deriveSubscriptions(planOf({ notifications })) as Record<string, Subscription>).map(
    ({ Properties }) => Properties,
  );

const email = (Endpoint: string, topic: string, more: object = {}) => ({
  TopicArn: { Ref: topic },
  Protocol: 'email',
  Endpoint,
  ...more,
});

describe('the subscriptions', () => {
  test('of a channel that is told of everything filter nothing', () => {
    expect(subscriptionsOf({ oncall: { email: ['a@b.example'] } })).toEqual([
      email('a@b.example', 'AlertsTopic'),
      email('a@b.example', 'AlarmsTopic'),
    ]);
  });

  test.each([
    [
      ['succeeded'],
      [email('a@b.example', 'AlertsTopic', { FilterPolicy: { outcome: ['succeeded', 'recovered'] } })],
    ],
    [
      ['failed'],
      [email('a@b.example', 'AlertsTopic', { FilterPolicy: { outcome: ['failed', 'recovered'] } })],
    ],
    [['alarm'], [email('a@b.example', 'AlarmsTopic')]],
    [['failed', 'succeeded'], [email('a@b.example', 'AlertsTopic')]],
    [
      ['failed', 'alarm'],
      [
        email('a@b.example', 'AlertsTopic', { FilterPolicy: { outcome: ['failed', 'recovered'] } }),
        email('a@b.example', 'AlarmsTopic'),
      ],
    ],
  ])('of a channel that is told of %s', (on, expected) => {
    expect(subscriptionsOf({ oncall: { email: ['a@b.example'], on } })).toEqual(expected);
  });

  test('of an address in two channels are one for each topic: SNS refuses a second one with another filter', () => {
    const notifications = {
      oncall: { email: ['a@b.example', 'd@e.example'], on: ['failed'] },
      audit: { email: ['a@b.example'], on: ['succeeded'] },
    };
    expect(subscriptionsOf(notifications)).toEqual([
      email('a@b.example', 'AlertsTopic'),
      email('d@e.example', 'AlertsTopic', { FilterPolicy: { outcome: ['failed', 'recovered'] } }),
    ]);
  });

  test('keep their resources where a channel is renamed or addresses are reordered', () => {
    const ids = (notifications: object) => Object.keys(deriveSubscriptions(planOf({ notifications }))).sort();
    expect(ids({ oncall: { email: ['a@b.example', 'd@e.example'] } })).toEqual(
      ids({ people: { email: ['d@e.example', 'a@b.example'] } }),
    );
  });
});
