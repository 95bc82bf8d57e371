import { createHash } from 'node:crypto';
import type { Plan } from '../shared/plan/schema.ts';
import type { Occasion } from '../shared/plan/sections/notifications.ts';
import type { Recorded } from '../shared/run/record-run.ts';

/** The plan's words for how a run can end. */
const OUTCOMES = ['succeeded', 'failed'] as const;

/** The first success after announced failures. It is news for those who heard of the failures, too. */
const RECOVERED = 'recovered' satisfies Recorded['occasion'];

/**
 * The e-mail subscriptions of the plan's channels, one for each address and topic: SNS refuses a second subscription of
 * an address with another filter. Alarms have a separate topic, because no filter can pass them: they carry
 * no attribute, and `"exists": false` matches only messages with at least one attribute.
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

/** Depends only on the address, so renaming or reordering channels does not require a new confirmation. */
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
      ...(outcomes.length < OUTCOMES.length && { FilterPolicy: { outcome: [...outcomes, RECOVERED] } }),
    },
  };
}
