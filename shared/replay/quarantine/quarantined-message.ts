import * as z from 'zod';
import type { MessageAttribute } from '../../delivery/outgoing-message.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { visibleJson } from '../../text/visible.ts';
import type { DeadLetter, Recognised } from '../message/dead-letter.ts';

/** A message as it was received, without its receipt, which is useless later. Its body is text. */
export type KeptMessage = Omit<DeadLetter, 'receiptHandle' | keyof Recognised>;

/** Why a message can be in quarantine, in one word each. */
export const QUARANTINE_KINDS = [
  'refused',
  'failed-repeatedly',
  'unparsable',
  'key-missing',
  'no-payload',
  'mismatch',
  'too-old',
] as const;
export type QuarantineKind = (typeof QUARANTINE_KINDS)[number];

/** Why a message is in quarantine. */
export interface QuarantineReason {
  /** Which run put it there. */
  readonly runId: string;
  /** Null where the message has no key, which then is the reason. */
  readonly key: string | null;
  /** One word for the account. */
  readonly kind: QuarantineKind;
  /** For people: what was expected and what was found. */
  readonly reason: string;
  /** Deliveries tried, in all runs. */
  readonly attempts: number;
}

/** A message in quarantine: whole, and why it is there. */
export interface QuarantinedMessage {
  /** Begins with the time the message was sent, so that ids sort by it. */
  readonly id: string;
  /** The queue's name in the plan. */
  readonly queue: string;
  readonly keptAt: Date;
  readonly why: QuarantineReason;
  readonly message: KeptMessage;
}

/** An object of the vault does not have the form in which quarantine writes. */
export class QuarantineUnreadable extends LifeboatError {
  override readonly name = 'QuarantineUnreadable';
  override readonly kind = 'damaged';
}

const time = z.iso.datetime().transform((text) => new Date(text));

/** An attribute may have any name, so attributes are a list and not fields. */
const Attribute = z.union([
  z.object({ name: z.string(), type: z.string(), text: z.string() }),
  z.object({ name: z.string(), type: z.string(), base64: z.base64() }),
]);

const Stored = z.object({
  format: z.literal('lifeboat-quarantine-1'),
  id: z.string(),
  queue: z.string(),
  kind: z.enum(QUARANTINE_KINDS),
  reason: z.string(),
  key: z.string().nullable(),
  attempts: z.int(),
  runId: z.string(),
  keptAt: time,
  messageId: z.string(),
  sentAt: time,
  receiveCount: z.int(),
  groupId: z.string().nullable(),
  deduplicationId: z.string().nullable(),
  // The first versions kept none of these.
  sourceArn: z.string().nullable().default(null),
  traceHeader: z.string().nullable().default(null),
  senderId: z.string().nullable().default(null),
  firstReceivedAt: time.nullable().default(null),
  attributes: z.array(Attribute),
  body: z.string(),
});

/** Every receive of a message yields the same id, so that a message that is kept again is found. */
export function quarantineId({ sentAt, messageId }: Pick<DeadLetter, 'sentAt' | 'messageId'>): string {
  return `${sentAt.toISOString().replace(/[-:.]/g, '')}-${messageId}`;
}

/** A message as JSON: its body as text, its binary attributes as base64. */
export function writeQuarantined({ id, queue, keptAt, why, message }: QuarantinedMessage): string {
  const { runId, key, kind, reason, attempts } = why;
  const { messageId, sentAt, receiveCount, groupId, deduplicationId, body } = message;
  const { sourceArn, traceHeader, senderId, firstReceivedAt } = message;
  const stored: z.input<typeof Stored> = {
    format: 'lifeboat-quarantine-1',
    id,
    queue,
    kind,
    reason,
    key,
    attempts,
    runId,
    keptAt: keptAt.toISOString(),
    messageId,
    sentAt: sentAt.toISOString(),
    receiveCount,
    groupId,
    deduplicationId,
    sourceArn,
    traceHeader,
    senderId,
    firstReceivedAt: firstReceivedAt?.toISOString() ?? null,
    attributes: Object.entries(message.attributes).map(([name, { type, value }]) =>
      typeof value === 'string'
        ? { name, type, text: value }
        : { name, type, base64: Buffer.from(value).toString('base64') },
    ),
    body,
  };
  return `${visibleJson(stored)}\n`;
}

/** @throws QuarantineUnreadable naming the object */
export function readQuarantined(object: string, text: string): QuarantinedMessage {
  const stored = readStored(object, text, Stored);
  const { id, queue, keptAt, runId, key, kind, reason, attempts } = stored;
  const { messageId, sentAt, receiveCount, groupId, deduplicationId, body } = stored;
  const { sourceArn, traceHeader, senderId, firstReceivedAt } = stored;
  const attributes = stored.attributes.map((attribute): [string, MessageAttribute] => [
    attribute.name,
    {
      type: attribute.type,
      value: 'text' in attribute ? attribute.text : Buffer.from(attribute.base64, 'base64'),
    },
  ]);
  return {
    id,
    queue,
    keptAt,
    why: { runId, key, kind, reason, attempts },
    message: {
      messageId,
      sentAt,
      receiveCount,
      groupId,
      deduplicationId,
      sourceArn,
      traceHeader,
      senderId,
      firstReceivedAt,
      body,
      attributes: Object.fromEntries(attributes),
    },
  };
}

/** That a message was put on its queue again. */
export const Release = z.object({
  by: z.string(),
  releasedAt: time,
  /** The key that it carries from now on. */
  key: z.string(),
  /** SQS's id of the message that was sent. */
  messageId: z.string(),
});
export type Release = z.output<typeof Release>;

/** @throws QuarantineUnreadable naming the object */
export function readRelease(object: string, text: string): Release {
  return readStored(object, text, Release);
}

function readStored<T extends z.ZodType>(object: string, text: string, schema: T): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new QuarantineUnreadable(`the vault's object "${object}" is not JSON`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new QuarantineUnreadable(
    `the vault's object "${object}" cannot be read: ${z.prettifyError(parsed.error)}`,
  );
}
