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
  /** HTTPS; HTTP on this machine alone. May hold secrets: only its host is ever told. */
  readonly endpoint: URL;
  /** Milliseconds that a webhook is given to confirm what it was asked. */
  readonly patience: number;
}

/** SNS does not take the subscription. */
export class SubscriptionRefused extends LifeboatError {
  override readonly name = 'SubscriptionRefused';
  override readonly kind = 'usage';
}

const LOOK_EVERY_MS = 1_000;

/**
 * Sees to it that a webhook is subscribed to its topic. One that is missing is subscribed; one that stays pending is asked
 * again, for SNS gives up asking after a minute, and the token that it sent is void after some days. What is there is
 * never changed, and SNS itself makes one subscription of two for the same endpoint.
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

  /** Looks again and again until the subscription is confirmed or patience ends. */
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
  // Asked again with other attributes than before, SNS would refuse.
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
    // Without its cause, which may quote the address.
    throw new SubscriptionRefused(
      `SNS does not subscribe ${endpoint.host} to ${topicArn}: ${error.message.replaceAll(endpoint.href, endpoint.host)}`,
    );
  }
}
