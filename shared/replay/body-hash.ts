import { createHash } from 'node:crypto';
import type { DeadLetter } from './dead-letter.ts';
import { parseBody } from './document.ts';

/**
 * What a key stands for, as a sha256 in hex: the content of a message. Of an SNS envelope that is its topic, subject and
 * message, because SNS signs each delivery anew and may name another certificate; of anything else it is the body.
 */
export function bodyHash({ body }: Pick<DeadLetter, 'body'>): string {
  const { envelope } = parseBody(body);
  const content = envelope
    ? JSON.stringify([envelope.TopicArn, envelope.Subject ?? null, envelope.Message])
    : body;
  return createHash('sha256').update(content).digest('hex');
}
