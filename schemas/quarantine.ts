import * as z from 'zod';
import type { QuarantineReader } from '../shared/replay/quarantine/quarantine.ts';
import { QUARANTINE_KINDS } from '../shared/replay/quarantine/quarantined-message.ts';
import type { Released as ReleasedNow } from '../shared/replay/quarantine/release-all.ts';
import { count, type Printed, time } from './parts.ts';

const Why = z.object({
  runId: z.string().meta({ description: 'The run that put it there.' }),
  key: z.string().nullable(),
  kind: z.enum(QUARANTINE_KINDS),
  reason: z.string(),
  attempts: count.meta({ description: 'Deliveries tried, in all runs.' }),
});

const Release = z.object({ releasedAt: time, by: z.string(), messageId: z.string(), key: z.string() });

/** A line of the list. */
export const QuarantineEntry = Why.extend({
  id: z.string(),
  messageId: z.string(),
  sentAt: time,
  keptAt: time,
  bytes: count,
  releases: count.meta({ description: 'How often it was put on its queue again.' }),
});

/** What became of a message that was to be released. */
export const Released = z.discriminatedUnion('outcome', [
  z.object({ id: z.string(), outcome: z.literal('released'), release: Release }),
  z.object({ id: z.string(), outcome: z.literal('kept'), error: z.string(), reason: z.string() }),
]);

/** What `lifeboat replay quarantine list --json` prints. */
export const QuarantineList = z.object({
  queue: z.string(),
  total: count,
  messages: z.array(QuarantineEntry),
}) satisfies z.ZodType<unknown, Printed<Awaited<ReturnType<QuarantineReader['list']>>>>;

/** What `lifeboat replay quarantine show --json` prints. */
export const QuarantinedMessage = z.object({
  id: z.string(),
  queue: z.string(),
  keptAt: time,
  why: Why,
  message: z.object({
    messageId: z.string(),
    body: z.string(),
    attributes: z
      .record(z.string(), z.object({ type: z.string(), value: z.string() }))
      .meta({ description: 'By name. Binary values are base64.' }),
    sentAt: time,
    receiveCount: count,
    groupId: z.string().nullable(),
    deduplicationId: z.string().nullable(),
    sourceArn: z.string().nullable(),
    traceHeader: z.string().nullable(),
    senderId: z.string().nullable(),
    firstReceivedAt: time.nullable(),
  }),
  releases: z.array(Release),
}) satisfies z.ZodType<unknown, Printed<Awaited<ReturnType<QuarantineReader['show']>>>>;

/** What `lifeboat replay quarantine release --json` prints. */
export const QuarantineRelease = z.object({
  queue: z.string(),
  messages: z.array(Released),
}) satisfies z.ZodType<unknown, { messages: Printed<ReleasedNow[]> }>;
