import type pg from 'pg';
import * as z from 'zod';
import { EVENT_TYPES } from './webhook-events.ts';

const Envelope = z.object({ MessageId: z.string().min(1), Message: z.string() });

const Event = z.object({
  eventType: z.enum(Object.keys(EVENT_TYPES)),
  mail: z.object({
    timestamp: z.iso.datetime(),
    messageId: z.guid(),
    tags: z.object({ campaign_id: z.tuple([z.string()]), contact_id: z.tuple([z.string()]) }),
  }),
});

/** The application refuses the event permanently: it is not an event, or refers to something that does not exist. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/** Whether the application records an event only once, however often it receives it. */
interface Once {
  readonly once: boolean;
}

const SNS_MESSAGE = "((meta ->> 'sns_message_id'))";

/** Indexes the table by MessageId. The index is unique for an application that records an event once. */
export async function prepareEvents(db: pg.Pool, { once }: Once): Promise<void> {
  await db.query(
    once
      ? `CREATE UNIQUE INDEX IF NOT EXISTS events_sns_message ON email_events ${SNS_MESSAGE}`
      : `DROP INDEX IF EXISTS events_sns_message;
         CREATE INDEX IF NOT EXISTS events_sns_message_again ON email_events ${SNS_MESSAGE}`,
  );
}

/**
 * Records an event of SES as MailBlast does, by its SNS MessageId.
 *
 * @returns false if it was recorded before; nothing changes then
 * @throws EventRefused
 */
export async function recordEvent(db: pg.Pool, body: string, { once }: Once): Promise<boolean> {
  const { MessageId, Message } = read(Envelope, body);
  const { eventType, mail } = read(Event, Message);
  const values = [
    mail.tags.campaign_id[0],
    mail.tags.contact_id[0],
    EVENT_TYPES[eventType],
    mail.timestamp,
    mail.messageId,
    MessageId,
  ];
  try {
    const { rowCount } = await db.query(
      `INSERT INTO email_events (campaign_id, contact_id, type, occurred_at, message_id, meta)
       VALUES ($1, $2, $3, $4, $5, jsonb_build_object('sns_message_id', $6::text))
       ${once ? `ON CONFLICT ${SNS_MESSAGE} DO NOTHING` : ''}`,
      values,
    );
    return rowCount === 1;
  } catch (cause) {
    if (!isAboutTheEvent(cause)) throw cause;
    throw new EventRefused((cause as Error).message, { cause });
  }
}

function read<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EventRefused('not an event of SES that SNS delivers', { cause });
  }
}

/** SQLSTATE classes 22, data exception, and 23, integrity constraint violation. */
function isAboutTheEvent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
