import { envelopeOf, type OutgoingMessage, REPLAY_OF_ATTRIBUTE } from '../../delivery/outgoing-message.ts';

/**
 * The dead letter that a message replays, by its MessageId in SQS; null for a message that no replay put on a queue. A
 * message that went through a topic has its attributes in the envelope.
 */
export function replayOf(message: Pick<OutgoingMessage, 'attributes' | 'content'>): string | null {
  const own = message.attributes[REPLAY_OF_ATTRIBUTE]?.value;
  if (typeof own === 'string') return own;
  return envelopeOf(message)?.MessageAttributes?.[REPLAY_OF_ATTRIBUTE]?.Value ?? null;
}
