import * as z from 'zod';
import { Phase } from '../progress/phase.ts';
import { Account } from './account/account.ts';
import { Share } from './worker/share.ts';

const count = z.int().min(0);

/**
 * What the steps of a replay answer. Evidence keeps them for years: the kind of run (`run/kinds/`) reads what
 * earlier versions answered too.
 */
export const QueueInspected = Phase.extend({
  visible: z.int(),
  inFlight: z.int(),
  delayed: z.int(),
  read: z.int(),
  /** How many of the messages that were read would be delivered, quarantined and so on. */
  wouldBe: z.record(z.string(), z.int()),
  /** How many of the messages that were read and would be sent came from each source. */
  sources: z.record(z.string(), z.int()),
  oldest: z.iso.datetime().nullable(),
  summary: z.string(),
  dryRun: z.boolean(),
  subscription: z.boolean(),
  shares: z.array(Share).min(1),
  leaseSeconds: z.int(),
  /** ISO time; empty if the replay has no time limit. */
  deadline: z.string(),
});

/** What the evidence keeps of the last round of workers: their accounts stay in the journal's table. */
export const RoundDrained = Phase.extend({
  rounds: count,
  workers: z.array(
    z.object({
      ended: z.string(),
      reason: z.string(),
      lastFailure: z.string().nullable(),
      settled: count,
      retryable: count,
    }),
  ),
});

/** How a replay ended. */
export const ReplayEnd = z.object({
  outcome: z.enum(['replayed', 'stopped', 'not-proven']),
  reason: z.string(),
});

export const AccountSettled = Phase.extend({
  ...ReplayEnd.shape,
  account: Account,
  addsUp: z.boolean(),
  words: z.string(),
  workers: z.int(),
  died: z.int(),
  /** Messages in the queue, hidden ones too: counted where they are few, otherwise SQS's own approximation. */
  left: z.int(),
});
