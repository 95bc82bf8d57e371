import { envelopeOf, type OutgoingMessage } from './outgoing-message.ts';
import { rawField } from './raw-field.ts';

/**
 * What is inside the wrapper of a message, as text: what the function or target got at first. The Message of an SNS envelope,
 * or the body, where there is no wrapper.
 *
 * @returns null where the wrapper has no payload
 */
export function payloadOf(message: Pick<OutgoingMessage, 'body' | 'content' | 'wrapper'>): string | null {
  const inside = envelopeOf(message)?.Message ?? message.body;
  const { wrapper } = message;
  if (wrapper === null) return inside;
  switch (wrapper.payloadIn) {
    case null:
      return null;
    case 'body':
      return inside;
    case 'requestPayload':
      return rawField(inside, wrapper.payloadIn) ?? 'null';
    default: {
      const field = rawField(inside, wrapper.payloadIn);
      return field?.startsWith('"') ? JSON.parse(field) : (field ?? null);
    }
  }
}
