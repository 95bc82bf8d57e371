import {
  GetTopicAttributesCommand,
  type MessageAttributeValue,
  PublishCommand,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { Clock } from '../../clock/clock.ts';
import { deliverByCall, openByCall } from '../../delivery/aws-call.ts';
import { accepted, refused } from '../../delivery/delivery-outcome.ts';
import { fifo } from '../../delivery/fifo.ts';
import { MOST_ATTRIBUTES, TOO_MANY_ATTRIBUTES, withKey } from '../../delivery/key-attributes.ts';
import { envelopeOf, type MessageAttribute, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';
import type { Target } from '../../delivery/target.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
const REFUSALS = new Set([
  'InvalidParameterException',
  'InvalidParameterValueException',
  'ParameterValueInvalid',
  'ValidationException',
  'ValidationError',
]);

/**
 * Publishes to a topic. A message that came from SNS is published in its original form, so envelopes are
 * never nested.
 *
 * @throws TargetMisconfigured if the topic does not exist or access is denied
 */
export async function topicTarget(sns: SNSClient, TopicArn: string, clock: Clock): Promise<Target> {
  const name = TopicArn.slice(TopicArn.lastIndexOf(':') + 1);
  const on = `topic "${name}"`;
  await openByCall(
    { action: 'sns:GetTopicAttributes', on },
    sns.send(new GetTopicAttributesCommand({ TopicArn })),
  );
  const about = { action: 'sns:Publish', on, refusals: REFUSALS };
  return {
    async deliver(message, key, signal) {
      const envelope = envelopeOf(message);
      if (envelope !== null && envelope.Type !== 'Notification')
        return refused(`it is a ${envelope.Type} of SNS, and nothing to publish`);
      const { body, subject, attributes } = published(message, envelope);
      const withItsKey = withKey(attributes, key, message);
      if (Object.keys(withItsKey).length > MOST_ATTRIBUTES) return refused(TOO_MANY_ATTRIBUTES);
      const command = new PublishCommand({
        TopicArn,
        Message: body,
        ...(subject === null ? {} : { Subject: subject }),
        MessageAttributes: Object.fromEntries(
          Object.entries(withItsKey).map(([name, attribute]) => [name, attributeValue(attribute)]),
        ),
        ...(name.endsWith('.fifo') ? fifo(message, key) : {}),
      });
      return deliverByCall(about, { signal, clock }, async (abortSignal) => {
        await sns.send(command, { abortSignal });
        return accepted;
      });
    },
    health: async () => null,
    close: async () => sns.destroy(),
  };
}

function published(
  message: OutgoingMessage,
  envelope: SnsEnvelope | null,
): { body: string; subject: string | null; attributes: Readonly<Record<string, MessageAttribute>> } {
  if (envelope === null) return { body: message.body, subject: null, attributes: message.attributes };
  const attributes = Object.entries(envelope.MessageAttributes ?? {}).map(
    ([name, { Type: type, Value }]): [string, MessageAttribute] => [
      name,
      { type, value: type.startsWith('Binary') ? Buffer.from(Value, 'base64') : Value },
    ],
  );
  return {
    body: envelope.Message,
    subject: envelope.Subject ?? null,
    attributes: Object.fromEntries(attributes),
  };
}

/** SNS has no custom type labels as SQS does (`Number.int`). The one exception is `String.Array`. */
function attributeValue({ type, value }: MessageAttribute): MessageAttributeValue {
  const DataType = type === 'String.Array' ? type : type.replace(/\..*/s, '');
  return { DataType, ...(typeof value === 'string' ? { StringValue: value } : { BinaryValue: value }) };
}
