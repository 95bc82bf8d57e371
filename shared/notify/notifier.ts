import type { Measure, WorstLoss } from '../objectives/measure-recovery.ts';

/** A run has ended and is recorded. */
export interface RunEnded {
  readonly fact: 'run-ended';
  /** The word that the plan's channels have for it under `on`. A run that left something behind is announced as `failed`. */
  readonly occasion: 'succeeded' | 'failed';
  /** The kind of run: `restore-test`. */
  readonly kind: string;
  readonly runId: string;
  readonly workload: string;
  /** What the run was about: a database, a dead-letter queue or a rehydration of the plan. */
  readonly subject: string;
  readonly outcome: string;
  /** The outcome for people; in capitals if a person has to act: `RESTORE NOT PROVEN`. */
  readonly words: string;
  readonly severity: 'info' | 'warning' | 'error' | 'critical';
  readonly reason: string;
  readonly failure: { readonly error: string; readonly cause: string } | null;
  /** Null if the run recovered nothing. */
  readonly measures: {
    readonly scenario: string;
    readonly rpo: Measure;
    readonly rto: Measure;
    readonly worstLoss?: WorstLoss | undefined;
  } | null;
  /** What else the run found, line by line: `recovery point`, `20261005T020000Z-1f2e3d4c`. */
  readonly details: readonly { readonly label: string; readonly text: string }[];
  readonly startedBy: string;
  /** ISO times. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Where the evidence is: `s3://bucket/key`. */
  readonly evidence: string;
}

/**
 * A kind of channel: turns a fact into what is sent there. It decides words and shape, and nothing else: the state machine
 * publishes what it returns.
 *
 * The same fact always gives the same message, so that a retried run announces the same thing. No text in a fact makes it
 * throw: a run whose outcome cannot be announced counts as failed.
 */
export interface Notifier<Message> {
  /** The name of the channel's kind, as plans have it: `email`. */
  readonly name: string;
  /** The message for a fact. It says what happened, how urgent it is, and where the evidence is. */
  compose(fact: RunEnded): Message;
}
