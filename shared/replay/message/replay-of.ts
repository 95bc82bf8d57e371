import { type DeadLetter, REPLAY_OF_ATTRIBUTE } from './dead-letter.ts';
import { parseBody } from './parse-body.ts';

/**
 * The dead letter that a message replays, by its MessageId in SQS; null for a message that no replay put on a queue. What
 * went through a topic has its attributes in the envelope.
 */
export function replayOf({ attributes, body }: Pick<DeadLetter, 'attributes' | 'body'>): string | null {
  const own = attributes[REPLAY_OF_ATTRIBUTE]?.value;
  if (typeof own === 'string') return own;
  if (!body.includes(REPLAY_OF_ATTRIBUTE)) return null;
  return parseBody(body).envelope?.MessageAttributes?.[REPLAY_OF_ATTRIBUTE]?.Value ?? null;
}
