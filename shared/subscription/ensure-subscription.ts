import { type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { Timer } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { findSubscription, namedAfter, type Subscription } from './subscription.ts';
import { type Expected, report, type SubscriptionReport } from './subscription-report.ts';

export interface SubscriptionPorts {
  readonly sns: SNSClient;
  readonly clock: Timer;
}

export interface SubscriptionRequest extends Expected {
  readonly topicArn: string;
  /** HTTPS; HTTP only on this machine. May hold secrets, so only its host is ever shown. */
  readonly endpoint: URL;
  /** Milliseconds that the webhook has to confirm. */
  readonly patience: number;
}

/** SNS refused the subscription. */
export class SubscriptionRefused extends LifeboatError {
  override readonly name = 'SubscriptionRefused';
  override readonly kind = 'usage';
}

const LOOK_EVERY_MS = 1_000;

/**
 * Ensures that a webhook is subscribed to its topic. A missing subscription is created. A pending one is
 * requested again: SNS stops asking after a minute, and its token expires after some days.
 *
 * An existing subscription is never changed. SNS itself merges two subscriptions for the same endpoint.
 *
 * @throws TopicMissing, TopicForbidden, SubscriptionRefused
 */
export async function ensureSubscription(
  { sns, clock }: SubscriptionPorts,
  request: SubscriptionRequest,
  signal: AbortSignal,
): Promise<SubscriptionReport> {
  const { topicArn, endpoint, patience } = request;
  const find = () => findSubscription(sns, topicArn, endpoint);

  /** Polls until the subscription is confirmed or the patience runs out. */
  async function wait(): Promise<Subscription | null> {
    const until = clock.now().getTime() + patience;
    for (;;) {
      const subscription = await find();
      if (subscription?.state === 'confirmed' || clock.now().getTime() >= until) return subscription;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  const before = await find();
  let now = before?.state === 'pending' ? await wait() : before;
  let done: SubscriptionReport['done'] = 'nothing';
  if (now?.state !== 'confirmed') {
    done = now === null ? 'subscribed' : 'asked-again';
    await subscribe(sns, request, done);
    now = await wait();
  }
  const outcome = {
    endpoint: endpoint.host,
    found: before?.state ?? ('missing' as const),
    done,
    now: now?.state ?? ('pending' as const), // subscribed, and not listed yet
    subscriptionArn: now?.arn ?? null,
    attributes: now?.attributes ?? null,
  };
  return report(outcome, request);
}

async function subscribe(
  sns: SNSClient,
  { topicArn, endpoint, deadLetters }: SubscriptionRequest,
  doing: 'subscribed' | 'asked-again',
): Promise<void> {
  // SNS refuses a repeated request whose attributes differ from the first.
  const attributes =
    doing === 'subscribed' && deadLetters !== null
      ? { Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters }) } }
      : {};
  const subscribing = new SubscribeCommand({
    TopicArn: topicArn,
    Protocol: endpoint.protocol.slice(0, -1),
    Endpoint: endpoint.href,
    ReturnSubscriptionArn: true,
    ...attributes,
  });
  try {
    await sns.send(subscribing);
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith('InvalidParameter')))
      throw namedAfter(error, topicArn, 'sns:Subscribe');
    // The cause is left out because it may quote the address.
    throw new SubscriptionRefused(
      `SNS does not subscribe ${endpoint.host} to ${topicArn}: ${error.message.replaceAll(endpoint.href, endpoint.host)}`,
    );
  }
}
