import type { AnyEvidence } from './evidence.ts';

/** Step Functions keeps at most 32,768 characters. */
const LONGEST_REASON = 32_000;

/** `the database was not copied: DatabaseUnreachable: no route`: how a run ended, and the cause of its failure. */
export function fullReason({ reason, failure }: Pick<AnyEvidence, 'reason' | 'failure'>): string {
  return (failure ? `${reason}: ${failure.cause}` : reason).slice(0, LONGEST_REASON);
}
