import type { EarlierFailures } from '../../ledger/ledger.ts';

/** Runs in which the target fails a message, though it accepts others, before the message goes to quarantine. */
const RUNS = 2;

/** Different canaries that fail one after the other before the receiver counts as down. */
const CANARIES = 3;

/** The same, with those that failed in an earlier run too: they say little of the receiver. */
const CANARIES_IN_ALL = 10;

/**
 * What becomes of a message that the target failed as often as it is tried.
 *
 * `return`: it goes back, and another run tries again. `return-suspect`: it goes back, and an earlier run suspects it, but this
 * run does not know yet whether the target accepts anything. `quarantine`: the message is to blame.
 */
export type JudgedFailure = 'return' | 'return-suspect' | 'quarantine';

/**
 * Decides who is to blame for a failure. A receiver that accepts others is well, so a message that it fails in several runs is
 * poison. As long as it accepted nothing in this run, it may be down.
 *
 * @param acceptsOthers the target accepted a message in this run
 */
export function judgeFailure({
  failedRuns,
  acceptsOthers,
}: Pick<EarlierFailures, 'failedRuns'> & { readonly acceptsOthers: boolean }): JudgedFailure {
  if (failedRuns + 1 < RUNS) return 'return';
  return acceptsOthers ? 'quarantine' : 'return-suspect';
}

/** Canaries that failed since the target last accepted one. */
export interface FailedCanaries {
  /** That no earlier run failed. */
  readonly fresh: number;
  readonly all: number;
}

/** Whether another message may be the canary, or the receiver counts as down. */
export function isReceiverDown({ fresh, all }: FailedCanaries): boolean {
  return fresh >= CANARIES || all >= CANARIES_IN_ALL;
}
