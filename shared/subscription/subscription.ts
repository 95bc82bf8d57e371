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
  /** Null while the webhook has not confirmed, because SNS shows no ARN until then. */
  readonly arn: string | null;
  readonly state: 'confirmed' | 'pending';
  /** Null while pending, or where the caller may not read them. */
  readonly attributes: SubscriptionAttributes | null;
}

/** Attributes that decide which messages arrive, in which form, and where failed ones go. */
export interface SubscriptionAttributes {
  readonly rawMessageDelivery: boolean;
  readonly filterPolicy: string | null;
  /** ARN of the queue that receives messages the webhook did not accept. */
  readonly deadLetters: string | null;
}

/** This account and Region have no topic of that name. */
export class TopicMissing extends LifeboatError {
  override readonly name = 'TopicMissing';
  override readonly kind = 'missing';
}

/** The caller's role or the topic's policy denies the call. */
export class TopicForbidden extends LifeboatError {
  override readonly name = 'TopicForbidden';
  override readonly kind = 'forbidden';
}

/**
 * Finds the subscription of an endpoint; null if there is none. A confirmed one is preferred to a pending
 * one.
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

/** SNS keeps an address as written, and one address can be written in several ways. */
function isOf({ Protocol, Endpoint, SubscriptionArn }: Listed, endpoint: URL): boolean {
  return (
    SubscriptionArn !== 'Deleted' && // still listed for some days
    `${Protocol}:` === endpoint.protocol &&
    Endpoint !== undefined &&
    URL.canParse(Endpoint) &&
    new URL(Endpoint).href === endpoint.href
  );
}

/** @returns null if the subscription was deleted after it was listed */
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
    // The subscription belongs to another account, or the role may not read it. SNS lists an ARN only for a
    // confirmed one.
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

/** A report passes through a state machine, whose states hold 256 KB. */
function quote(policy: string): string {
  return policy.length <= 4_000 ? policy : `${policy.length} characters`;
}

function deadLettersOf(redrivePolicy: string | undefined): string | null {
  if (!redrivePolicy) return null;
  const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn ?? null;
}

/** Turns SNS errors that a person can act on into named errors; returns others unchanged. */
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
