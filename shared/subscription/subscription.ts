import {
  GetSubscriptionAttributesCommand,
  type Subscription as Listed,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { classifyServiceError, wordsOf } from '../aws/service-error.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** The subscription of a webhook to a topic. */
export interface Subscription {
  /** Null while SNS tells none, because the webhook has not confirmed. */
  readonly arn: string | null;
  readonly state: 'confirmed' | 'pending';
  /** Null while it is pending, or where they may not be read. */
  readonly attributes: SubscriptionAttributes | null;
}

/** What decides which messages arrive, in which form, and what becomes of the others. */
export interface SubscriptionAttributes {
  readonly rawMessageDelivery: boolean;
  readonly filterPolicy: string | null;
  /** ARN of the queue that takes what the webhook did not. */
  readonly deadLetters: string | null;
}

/** There is no topic of that name in this account and Region. */
export class TopicMissing extends LifeboatError {
  override readonly name = 'TopicMissing';
  override readonly kind = 'missing';
}

/** The caller's role or the topic's policy does not allow it. */
export class TopicForbidden extends LifeboatError {
  override readonly name = 'TopicForbidden';
  override readonly kind = 'forbidden';
}

/**
 * Finds the subscription of an endpoint; null where there is none. One that is confirmed is preferred to one that is not.
 *
 * @throws TopicMissing, TopicForbidden
 */
export async function findSubscription(
  sns: SNSClient,
  topicArn: string,
  endpoint: URL,
): Promise<Subscription | null> {
  let pending: Subscription | null = null;
  for (const { SubscriptionArn } of await subscriptionsOf(sns, topicArn, endpoint)) {
    const subscription = await read(sns, SubscriptionArn);
    if (subscription?.state === 'confirmed') return subscription;
    pending ??= subscription;
  }
  return pending;
}

async function subscriptionsOf(sns: SNSClient, topicArn: string, endpoint: URL): Promise<Listed[]> {
  const found: Listed[] = [];
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client: sns },
      { TopicArn: topicArn },
    ))
      found.push(...Subscriptions.filter((one) => isOf(one, endpoint)));
  } catch (cause) {
    throw namedAfter(cause, topicArn, 'sns:ListSubscriptionsByTopic');
  }
  return found;
}

/** SNS keeps an address as it was written; the same address may be written in more than one way. */
function isOf({ Protocol, Endpoint, SubscriptionArn }: Listed, endpoint: URL): boolean {
  return (
    SubscriptionArn !== 'Deleted' && // still listed for some days
    `${Protocol}:` === endpoint.protocol &&
    Endpoint !== undefined &&
    URL.canParse(Endpoint) &&
    new URL(Endpoint).href === endpoint.href
  );
}

/** @returns null for one that is gone since it was listed */
async function read(sns: SNSClient, listedArn: string | undefined): Promise<Subscription | null> {
  if (listedArn === undefined || !listedArn.startsWith('arn:'))
    return { arn: null, state: 'pending', attributes: null };
  try {
    const { Attributes = {} } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: listedArn }),
    );
    if (Attributes.PendingConfirmation === 'true')
      return { arn: listedArn, state: 'pending', attributes: null };
    return { arn: listedArn, state: 'confirmed', attributes: attributesOf(Attributes) };
  } catch (error) {
    const kind = classifyServiceError(error);
    if (kind === 'missing') return null;
    // Another account's, or the role may not: SNS lists an ARN only of what is confirmed.
    if (kind === 'forbidden') return { arn: listedArn, state: 'confirmed', attributes: null };
    throw error;
  }
}

function attributesOf({
  RawMessageDelivery,
  FilterPolicy,
  RedrivePolicy,
}: Readonly<Record<string, string>>): SubscriptionAttributes {
  return {
    rawMessageDelivery: RawMessageDelivery === 'true',
    filterPolicy: FilterPolicy ? quote(FilterPolicy) : null,
    deadLetters: deadLettersOf(RedrivePolicy),
  };
}

/** A report goes through a state machine, whose states hold 256 KB. */
function quote(policy: string): string {
  return policy.length <= 4_000 ? policy : `${policy.length} characters`;
}

function deadLettersOf(redrivePolicy: string | undefined): string | null {
  if (!redrivePolicy) return null;
  const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn ?? null;
}

/** Names what a person can do about an error of SNS; others stay as they are. */
export function namedAfter(cause: unknown, topicArn: string, action: string): unknown {
  const kind = classifyServiceError(cause);
  if (kind === 'missing')
    return new TopicMissing(`there is no topic ${topicArn}: correct its name in the plan, or the Region`, {
      cause,
    });
  if (kind === 'forbidden')
    return new TopicForbidden(
      `the caller may not ${action} on topic ${topicArn}: allow it in its role and in the topic's policy (${wordsOf(cause)})`,
      { cause },
    );
  return cause;
}
