import * as z from 'zod';
import { Phase } from '../../progress/phase.ts';
import { Account } from '../account/account.ts';
import { Ended } from '../account/ending.ts';

/** Characters of a sentence that a worker answers: the answers of forty workers must fit into a state of 256 KB together. */
const LONGEST_SENTENCE = 500;

/** What a worker answers that came to an end. */
export const WorkerAnswer = Phase.extend({
  ended: Ended,
  reason: z.string().max(LONGEST_SENTENCE),
  /** The last answer of the target that was not an acceptance. */
  lastFailure: z.string().max(LONGEST_SENTENCE).nullable(),
  account: Account,
  /** Messages that left the queue. */
  settled: z.int(),
  /** Messages that went back and that another round may deliver. */
  retryable: z.int(),
});
export type WorkerAnswer = z.infer<typeof WorkerAnswer>;

/** A worker whose function failed. What it held comes back to the queue when its leases expire. */
export interface DeadWorker {
  readonly ended: 'died';
  /** Name and cause of the error. */
  readonly reason: string;
}

/** The beginning of a sentence, no longer than a worker may answer. */
export function atMost(sentence: string, longest = LONGEST_SENTENCE): string {
  return sentence.slice(0, longest).toWellFormed();
}
