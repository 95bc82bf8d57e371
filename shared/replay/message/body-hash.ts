import { createHash } from 'node:crypto';
import { envelopeOf, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import type { SnsEnvelope } from '../../delivery/sns-envelope.ts';

/**
 * The content that a key stands for, as a sha256 in hex. Of an SNS envelope the content is what was published: topic,
 * subject, message and attributes. Its signature, certificate and UnsubscribeURL may differ between two deliveries of one
 * message. The content of any other message is its body, character by character.
 */
export function bodyHash(message: Pick<OutgoingMessage, 'body' | 'content'>): string {
  const envelope = envelopeOf(message);
  return createHash('sha256')
    .update(envelope === null ? message.body : published(envelope))
    .digest('hex');
}

function published({ Type, TopicArn, Subject, Message, MessageAttributes = {} }: SnsEnvelope): string {
  const attributes = Object.entries(MessageAttributes)
    .map(([name, { Type: type, Value }]) => [name, type, Value])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify([Type, TopicArn, Subject ?? null, Message, attributes]);
}
