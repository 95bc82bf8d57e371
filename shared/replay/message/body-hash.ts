import { createHash } from 'node:crypto';
import type { DeadLetter } from './dead-letter.ts';
import { parseBody } from './parse-body.ts';
import type { SnsEnvelope } from './sns-envelope.ts';

/**
 * What a key stands for, as a sha256 in hex: the content of a message. Of an SNS envelope that is what was published: topic,
 * subject, message and attributes. Signature, certificate and the address to unsubscribe may differ between two deliveries
 * of one message. Of anything else it is the body, character by character.
 */
export function bodyHash({ body }: Pick<DeadLetter, 'body'>): string {
  const { envelope } = parseBody(body);
  return createHash('sha256')
    .update(envelope === null ? body : published(envelope))
    .digest('hex');
}

function published({ Type, TopicArn, Subject, Message, MessageAttributes = {} }: SnsEnvelope): string {
  const attributes = Object.entries(MessageAttributes)
    .map(([name, { Type: type, Value }]) => [name, type, Value])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify([Type, TopicArn, Subject ?? null, Message, attributes]);
}
