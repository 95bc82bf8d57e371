import { envelopeOf } from '../../delivery/outgoing-message.ts';
import { parseJson } from '../../delivery/parse-body.ts';
import { payloadOf } from '../../delivery/payload.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';
import type { ReceivedMessage } from './dead-letter.ts';
import { sourceOf } from './source.ts';

/**
 * What the JMESPath expressions of a plan see of a message.
 *
 * `body`: parsed, or the text where it is not JSON. `attributes`: by name; binary ones as base64.
 * An SNS envelope also has `message`, its Message, parsed where that is JSON, and `sns`.
 * `source`: the queue, function or target that the message was meant for; null where nothing tells. `sourceKind`: `queue`,
 * `function` or another kind of it. `payload`: what is inside
 * what AWS put around it, parsed where that is JSON. `wrapper`: the kind of that.
 */
export function expressionDocument({ message, json }: ReceivedMessage, now: Date): Record<string, unknown> {
  const envelope = envelopeOf(message);
  const source = sourceOf(message);
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
    source: source?.name ?? null,
    sourceKind: source?.kind ?? null,
    sourceArn: message.sourceArn,
    wrapper: message.wrapper?.kind ?? null,
    ...(message.wrapper === null && envelope === null
      ? { payload: json === undefined ? message.body : json }
      : { payload: parsedOrText(payloadOf(message)) }),
    receiveCount: message.receiveCount,
    ageSeconds: Math.floor((now.getTime() - message.sentAt.getTime()) / 1_000),
    ...(envelope === null ? {} : { message: parsedOrText(envelope.Message), sns: describe(envelope) }),
  };
}

function parsedOrText(text: string | null): unknown {
  const json = text === null ? null : parseJson(text);
  return json === undefined ? text : json;
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
