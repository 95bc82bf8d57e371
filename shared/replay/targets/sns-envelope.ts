import * as z from 'zod';

/**
 * What SNS wraps a message in, where the subscription does not ask for raw delivery. A copy in a dead-letter queue has it too.
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
const Envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().min(1),
  TopicArn: z.string().startsWith('arn:'),
  Message: z.string(),
  Subject: z.string().nullish(),
  UnsubscribeURL: z.string().optional(),
  MessageAttributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).optional(),
});

export type SnsEnvelope = z.output<typeof Envelope>;

/** The SNS envelope that a parsed body is; null where it is none. */
export function snsEnvelope(json: unknown): SnsEnvelope | null {
  return Envelope.safeParse(json).data ?? null;
}
