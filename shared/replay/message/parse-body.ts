import type { DeadLetter } from './dead-letter.ts';
import { type SnsEnvelope, snsEnvelope } from './sns-envelope.ts';

/** A body taken apart: what selection, key and hash look at. */
export interface Parsed {
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
  readonly envelope: SnsEnvelope | null;
}

/** Reads a body. Anything is allowed in it. */
export function parseBody(body: string): Parsed {
  const json = parseJson(body);
  return { json, envelope: json === undefined ? null : snsEnvelope(json) };
}

/**
 * What the JMESPath expressions of a plan see of a message.
 *
 * `body`: parsed, or the text where it is no JSON. Of an SNS envelope also `message`, its Message, parsed where it is JSON,
 * and `sns`. `attributes`: by name; binary ones as base64.
 */
export function documentOf(
  letter: DeadLetter,
  { json, envelope }: Parsed,
  now: Date,
): Record<string, unknown> {
  return {
    body: json === undefined ? letter.body : json,
    attributes: Object.fromEntries(
      Object.entries(letter.attributes).map(([name, { value }]) => [
        name,
        typeof value === 'string' ? value : Buffer.from(value).toString('base64'),
      ]),
    ),
    messageId: letter.messageId,
    groupId: letter.groupId,
    receiveCount: letter.receiveCount,
    ageSeconds: Math.floor((now.getTime() - letter.sentAt.getTime()) / 1_000),
    ...(envelope === null ? {} : { message: messageOf(envelope), sns: describe(envelope) }),
  };
}

function messageOf({ Message }: SnsEnvelope): unknown {
  const json = parseJson(Message);
  return json === undefined ? Message : json;
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
