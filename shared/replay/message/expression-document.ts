import { envelopeOf } from '../../delivery/outgoing-message.ts';
import { parseJson } from '../../delivery/parse-body.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';
import type { ReceivedMessage } from './dead-letter.ts';

/**
 * What the JMESPath expressions of a plan see of a message.
 *
 * `body`: parsed, or the text where it is not JSON. `attributes`: by name; binary ones as base64.
 * An SNS envelope also has `message`, its Message, parsed where that is JSON, and `sns`.
 */
export function expressionDocument({ message, json }: ReceivedMessage, now: Date): Record<string, unknown> {
  const envelope = envelopeOf(message);
  return {
    body: json === undefined ? message.body : json,
    attributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { value }]) => [
        name,
        typeof value === 'string' ? value : Buffer.from(value).toString('base64'),
      ]),
    ),
    messageId: message.messageId,
    groupId: message.groupId,
    receiveCount: message.receiveCount,
    ageSeconds: Math.floor((now.getTime() - message.sentAt.getTime()) / 1_000),
    ...(envelope === null ? {} : { message: messageIn(envelope), sns: describe(envelope) }),
  };
}

function messageIn({ Message }: SnsEnvelope): unknown {
  const json = parseJson(Message);
  return json === undefined ? Message : json;
}

function describe({ MessageId, TopicArn, Type, Timestamp, Subject }: SnsEnvelope): Record<string, unknown> {
  return {
    messageId: MessageId,
    topicArn: TopicArn,
    type: Type,
    timestamp: Timestamp,
    subject: Subject ?? null,
  };
}
