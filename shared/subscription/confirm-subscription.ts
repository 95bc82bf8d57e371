import { ConfirmSubscriptionCommand, type SNSClient } from '@aws-sdk/client-sns';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { certificateHostOf, readConfirmation } from './confirmation.ts';
import { namedAfter } from './subscription.ts';
import { verifySignature } from './verify-signature.ts';

/** SNS no longer accepts the message's token. */
export class ConfirmationExpired extends LifeboatError {
  override readonly name = 'ConfirmationExpired';
  override readonly kind = 'missing';
}

/**
 * Confirms a subscription with the message that SNS sent for it, however it got here. The topic must be in
 * the plan, and the message must carry SNS's signature.
 *
 * From then on only the account can unsubscribe the endpoint. The unsubscribe link in each message stops
 * working; until then anyone who sees a message can use it.
 *
 * @param text the message as SNS sent it
 * @param topics ARNs of the plan's topics
 * @returns the subscription's ARN
 * @throws ConfirmationUntrusted, CertificateUnavailable, ConfirmationExpired, TopicMissing, TopicForbidden
 */
export async function confirmSubscription(
  sns: SNSClient,
  text: string,
  topics: ReadonlySet<string>,
  certificateHost: (topicArn: string) => string = certificateHostOf,
): Promise<string> {
  const confirmation = readConfirmation(text, topics);
  const { TopicArn, Token } = confirmation;
  await verifySignature(confirmation, certificateHost(TopicArn));
  try {
    const { SubscriptionArn } = await sns.send(
      new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: 'true' }),
    );
    if (SubscriptionArn === undefined) throw new Error('SNS confirmed a subscription and gave no ARN');
    return SubscriptionArn;
  } catch (cause) {
    if (cause instanceof Error && cause.name.startsWith('InvalidParameter'))
      throw new ConfirmationExpired(
        'SNS does not take the token of this confirmation, which is valid for some days and until a newer one was sent: let the endpoint be asked again',
        { cause },
      );
    throw namedAfter(cause, TopicArn, 'sns:ConfirmSubscription');
  }
}
