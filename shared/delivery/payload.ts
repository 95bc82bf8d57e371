import { envelopeOf, type OutgoingMessage } from './outgoing-message.ts';

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
      return JSON.stringify(fieldOf(inside, wrapper.payloadIn)) ?? 'null';
    default: {
      const field = fieldOf(inside, wrapper.payloadIn);
      return typeof field === 'string' ? field : (JSON.stringify(field) ?? null);
    }
  }
}

/** https://tc39.es/proposal-json-parse-with-source/ */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const exact = JSON as unknown as ExactJson;

/** A field of an object, with every number as it is written: one of twenty digits stays one. */
function fieldOf(json: string, name: string): unknown {
  const whole = exact.parse(json, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exact.rawJSON(source) : value,
  );
  return (whole as Readonly<Record<string, unknown>>)[name];
}
