import { createHash } from 'node:crypto';
import { envelopeOf, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { payloadOf } from '../../delivery/payload.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';

/**
 * The content that a key stands for, as a sha256 in hex. Of an SNS envelope the content is what was published: topic,
 * subject, message and attributes. Its signature, certificate and UnsubscribeURL may differ between two deliveries of one
 * message. Of a wrapper it is the payload: how often and when it failed differs between two records of one failure. The content
 * of any other message is its body, character by character.
 */
export function bodyHash(message: Pick<OutgoingMessage, 'body' | 'content' | 'wrapper'>): string {
  const envelope = envelopeOf(message);
  return createHash('sha256').update(contentOf(message, envelope)).digest('hex');
}

function contentOf(
  message: Pick<OutgoingMessage, 'body' | 'content' | 'wrapper'>,
  envelope: SnsEnvelope | null,
): string {
  const payload = message.wrapper === null ? null : payloadOf(message);
  return payload ?? (envelope === null ? message.body : published(envelope));
}

function published({ Type, TopicArn, Subject, Message, MessageAttributes = {} }: SnsEnvelope): string {
  const attributes = Object.entries(MessageAttributes)
    .map(([name, { Type: type, Value }]) => [name, type, Value])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify([Type, TopicArn, Subject ?? null, Message, attributes]);
}
