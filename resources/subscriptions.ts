import { createHash } from 'node:crypto';
import type { Plan } from '../shared/plan/schema.ts';
import type { Occasion } from '../shared/plan/sections/notifications.ts';

/** How a run can end, as the attribute `outcome` of its announcement says. */
const OUTCOMES = ['succeeded', 'failed'] as const;

/**
 * The e-mail subscriptions of the plan's channels, one for each address and topic: SNS refuses a second subscription of
 * an address with another filter. Alarms have a topic of their own, because a filter cannot let them through: they carry
 * no attribute, and `"exists": false` matches only where there is at least one.
 * https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
 */
export function deriveSubscriptions({ notifications }: Plan): Record<string, object> {
  const told = new Map<string, Set<Occasion>>();
  for (const { email, on } of Object.values(notifications))
    for (const address of email) told.set(address, new Set([...(told.get(address) ?? []), ...on]));
  const resources = [...told].flatMap(([address, occasions]) => {
    const outcomes = OUTCOMES.filter((outcome) => occasions.has(outcome));
    return [
      ...(outcomes.length > 0
        ? [[`OutcomesTo${idOf(address)}`, subscription('AlertsTopic', address, outcomes)] as const]
        : []),
      ...(occasions.has('alarm')
        ? [[`AlarmsTo${idOf(address)}`, subscription('AlarmsTopic', address)] as const]
        : []),
    ];
  });
  return Object.fromEntries(resources);
}

/** Of the address alone, so that a channel that is renamed or reordered asks nobody to confirm again. */
function idOf(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 12);
}

function subscription(topic: string, Endpoint: string, outcomes: readonly string[] = OUTCOMES): object {
  return {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: topic },
      Protocol: 'email',
      Endpoint,
      ...(outcomes.length < OUTCOMES.length && { FilterPolicy: { outcome: outcomes } }),
    },
  };
}
