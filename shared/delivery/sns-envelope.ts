import * as z from 'zod';

/**
 * What SNS wraps a message in, unless the subscription asks for raw delivery. A copy in a dead-letter queue has it too.
 * Any application may write a field `MessageId`. Only SNS writes these five together, in these forms.
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
const Envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().regex(/^[\x21-\x7e]{1,100}$/),
  TopicArn: z.string().regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/),
  Message: z.string(),
  Timestamp: z.iso.datetime(),
  Subject: z.string().nullish(),
  UnsubscribeURL: z.string().optional(),
  MessageAttributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).optional(),
});

export type SnsEnvelope = z.output<typeof Envelope>;

/** The SNS envelope that a parsed body is; null for any other JSON. */
export function snsEnvelope(json: unknown): SnsEnvelope | null {
  return Envelope.safeParse(json).data ?? null;
}
