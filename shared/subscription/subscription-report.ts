import type { Subscription, SubscriptionAttributes } from './subscription.ts';

/** The subscription as found, the action taken, and its state now. */
export interface SubscriptionReport {
  /** The webhook's host and port. */
  readonly endpoint: string;
  readonly found: Subscription['state'] | 'missing';
  readonly done: 'nothing' | 'asked-again' | 'subscribed';
  readonly now: Subscription['state'];
  readonly subscriptionArn: string | null;
  readonly attributes: SubscriptionAttributes | null;
  /** The ways in which the subscription differs from the plan's needs, one sentence each. */
  readonly differences: readonly string[];
  readonly words: string;
}

/** What the plan needs from the subscription. */
export interface Expected {
  /** ARN of the dead-letter queue that is replayed; null where a subscription cannot use it. */
  readonly deadLetters: string | null;
  /** The plan expects bodies to be SNS envelopes. */
  readonly envelopes: boolean;
}

type Outcome = Omit<SubscriptionReport, 'differences' | 'words'>;

/** Compares a subscription with the plan and reports every difference. */
export function report(outcome: Outcome, expected: Expected): SubscriptionReport {
  const differences = differencesOf(outcome, expected);
  return {
    ...outcome,
    differences,
    words: [summary(outcome), ...lost(outcome, expected), ...differences].join('; '),
  };
}

function summary({ endpoint, found, done, now }: Outcome): string {
  const subject = `the subscription of ${endpoint}`;
  const confirmed = now === 'confirmed';
  switch (done) {
    case 'nothing':
      return found === 'confirmed'
        ? `${subject} is confirmed`
        : `${subject} was pending and is confirmed now`;
    case 'asked-again':
      return `${subject} was pending: asked again, and ${confirmed ? 'confirmed' : WAITING}`;
    case 'subscribed':
      return `${subject} was missing: subscribed again, and ${confirmed ? 'confirmed' : WAITING}`;
  }
}

const WAITING =
  'not confirmed yet. Until the webhook confirms, SNS delivers nothing to it: see that it visits the SubscribeURL it is sent, or hand over the confirmation that it received';

/** A lost subscription leaves no record of its settings. */
function lost({ done }: Outcome, { deadLetters }: Expected): string[] {
  if (done !== 'subscribed') return [];
  return [
    `whether the lost one had raw delivery, a filter policy or another dead-letter queue is not known; the new one has no filter, no raw delivery, and ${deadLetters === null ? 'no dead-letter queue' : `${nameOf(deadLetters)} as its dead-letter queue`}: hold it against what deploys the application`,
  ];
}

function differencesOf({ now, attributes }: Outcome, { deadLetters, envelopes }: Expected): string[] {
  if (now !== 'confirmed') return [];
  if (attributes === null)
    return ['its attributes may not be read (sns:GetSubscriptionAttributes), and were not compared'];
  const differences: string[] = [];
  if (envelopes && attributes.rawMessageDelivery)
    differences.push('it delivers raw messages, and the plan expects SNS envelopes');
  if (deadLetters !== null && attributes.deadLetters === null)
    differences.push('it has no dead-letter queue, so that what the webhook does not take is lost');
  else if (deadLetters !== null && attributes.deadLetters !== deadLetters)
    differences.push(
      `its dead letters go to ${nameOf(attributes.deadLetters ?? '')}, and the plan replays ${nameOf(deadLetters)}`,
    );
  return differences;
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
