import * as z from 'zod';
import { WORTH_ANOTHER_ROUND } from './reasons.ts';

const count = z.int().min(0);

/**
 * The account of a replay. Each receive of a message ends as exactly one disposition:
 * received = delivered + duplicates + quarantined + returned.
 */
export const Account = z.object({
  received: count,
  delivered: count,
  duplicates: count,
  quarantined: count,
  returned: count,
  /** Of all deliveries: those that were sent although an earlier attempt may have taken effect. At a receiver that is not idempotent, at most these are doubled. */
  unknown: count,
  /** Requests to the target: more than were delivered where some were tried again. */
  attempts: count,
  /** Why messages were returned or quarantined, and what made them duplicates. */
  reasons: z.record(z.string(), count),
  /** How many of those received came from each queue, function or target. The first versions did not count it. */
  sources: z.record(z.string(), count).optional(),
});
export type Account = z.infer<typeof Account>;

export const EMPTY_ACCOUNT: Account = {
  received: 0,
  delivered: 0,
  duplicates: 0,
  quarantined: 0,
  returned: 0,
  unknown: 0,
  attempts: 0,
  reasons: {},
  sources: {},
};

/** The account of several workers. */
export function sum(accounts: readonly Account[]): Account {
  return accounts.reduce((total, account) => {
    return {
      received: total.received + account.received,
      delivered: total.delivered + account.delivered,
      duplicates: total.duplicates + account.duplicates,
      quarantined: total.quarantined + account.quarantined,
      returned: total.returned + account.returned,
      unknown: total.unknown + account.unknown,
      attempts: total.attempts + account.attempts,
      reasons: sumEach(total.reasons, account.reasons),
      sources: sumEach(total.sources ?? {}, account.sources ?? {}),
    };
  }, EMPTY_ACCOUNT);
}

type Counts = Readonly<Record<string, number>>;

function sumEach(counts: Counts, more: Counts): Record<string, number> {
  return Object.entries(more).reduce((sums, [name, times]) => addTo(sums, name, times), { ...counts });
}

/** A queue may be called `constructor`, which every object inherits. */
function addTo(counts: Counts, name: string, times: number): Record<string, number> {
  return { ...counts, [name]: (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0) + times };
}

/** Sources that are counted by name: the answers of forty workers must fit into one state. */
const MOST_SOURCES = 20;

/** Counts a message under its source; those of further sources as `others`. */
export function countSource(sources: Counts, source: string | null): Record<string, number> {
  if (source === null) return { ...sources };
  const isCounted = Object.hasOwn(sources, source) || Object.keys(sources).length < MOST_SOURCES;
  return addTo(sources, isCounted ? source : 'others', 1);
}

/** Messages that were received and have no disposition yet. A worker that ended has none; those of one that died come back. */
export function unaccounted({ received, delivered, duplicates, quarantined, returned }: Account): number {
  return received - delivered - duplicates - quarantined - returned;
}

/** `received 120 = delivered 90 + duplicates 20 + quarantined 4 + returned 6`, and what may have taken effect twice. */
export function inWords(account: Account): string {
  const { received, delivered, duplicates, quarantined, returned, unknown } = account;
  const sum = `received ${received} = delivered ${delivered} + duplicates ${duplicates} + quarantined ${quarantined} + returned ${returned}`;
  return unknown === 0 ? sum : `${sum}; sent again without knowing of an earlier effect: ${unknown}`;
}

/** Messages that left the queue. */
export function gone({ delivered, duplicates, quarantined }: Account): number {
  return delivered + duplicates + quarantined;
}

/** Messages that went back to the queue and that another round may deliver. */
export function worthAnotherRound({ reasons }: Account): number {
  return WORTH_ANOTHER_ROUND.reduce((total, reason) => total + (reasons[reason] ?? 0), 0);
}
