import type { SNSEvent } from 'aws-lambda';
import { KEY_ATTRIBUTE, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';

/**
 * The event that a function receives from a topic that it is subscribed to, so that its own handler works unchanged. The key
 * is one more message attribute. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsEvent({ body }: Pick<OutgoingMessage, 'body'>, key: string): SNSEvent {
  // The whole envelope, with the fields that nothing else reads.
  const envelope = JSON.parse(body) as SnsEnvelope & Readonly<Record<string, string>>;
  const { SigningCertURL = '', UnsubscribeURL = '', SignatureVersion = '', Signature = '' } = envelope;
  const subscription = URL.canParse(UnsubscribeURL)
    ? new URL(UnsubscribeURL).searchParams.get('SubscriptionArn')
    : null;
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: subscription ?? '',
        EventSource: 'aws:sns',
        Sns: {
          Type: envelope.Type,
          MessageId: envelope.MessageId,
          TopicArn: envelope.TopicArn,
          ...(envelope.Subject == null ? {} : { Subject: envelope.Subject }),
          Message: envelope.Message,
          Timestamp: envelope.Timestamp,
          SignatureVersion,
          Signature,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: {
            ...envelope.MessageAttributes,
            [KEY_ATTRIBUTE]: { Type: 'String', Value: key },
          },
        },
      },
    ],
  };
}
