import type { MessageContent } from './outgoing-message.ts';
import { snsEnvelope } from './sns-envelope.ts';

/** A parsed body. */
export interface ParsedBody {
  /** The body as JSON; undefined where it is not JSON. */
  readonly json: unknown;
  readonly content: MessageContent;
}

/** Parses a body. Any text is allowed in it. */
export function parseBody(body: string): ParsedBody {
  const json = parseJson(body);
  if (json === undefined) return { json, content: { format: 'text' } };
  const envelope = snsEnvelope(json);
  return { json, content: envelope === null ? { format: 'json' } : { format: 'sns', envelope } };
}

/** @returns undefined where the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
