import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Progress } from '../progress/progress.ts';

/** One run as the journal keeps it, or one release of messages from quarantine. */
export interface JournalRecord {
  /** The kind of run, or `release`. */
  readonly machine: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly startedBy: string;
  /** What it is about: a database, a restore test, a replay or a rehydration of the plan. */
  readonly subject: string;
  /** `running` until the run is recorded; then its outcome. */
  readonly status: string;
  /** Absent for a release, which no state machine makes. */
  readonly executionArn?: string;
  readonly reason?: string;
  readonly recoveryPoint?: string;
  readonly evidence?: string;
  readonly finishedAt?: string;
  readonly rpoSeconds?: number;
  readonly rtoSeconds?: number;
  readonly progress?: Progress;
  /** Of a release: the messages that were released, by their ids in quarantine. */
  readonly messages?: readonly string[];
}

/** What a record says once its run has ended. Null leaves a field out. */
export interface ClosedRecord {
  readonly status: string;
  readonly reason: string;
  readonly recoveryPoint: string | null;
  readonly evidence: string;
  readonly finishedAt: string;
  readonly rpoSeconds: number | null;
  readonly rtoSeconds: number | null;
}

/** That a restore test verified a recovery point. It is kept apart from the records of runs, of which a reader sees only the newest. */
export interface Verification {
  readonly database: string;
  readonly backup: string;
  readonly recoveryPoint: string;
  /** The restore test's run. */
  readonly runId: string;
  readonly verifiedAt: string;
}

/** Names the record of a run, so that records sort by time. The state machine makes the same name when it opens the run. */
export function recordKey(machine: string, run: { runId: string; runStartedAt: string }): string {
  return `${run.runStartedAt}#${machine}#${run.runId}`;
}

/** The journal has no record of that name: nothing opened it. */
export class RecordMissing extends LifeboatError {
  override readonly name = 'RecordMissing';
  override readonly kind = 'missing';

  constructor(record: string, options?: ErrorOptions) {
    super(`the journal has no record "${record}": the run was never opened`, options);
  }
}

/**
 * The journal of one workload: a record for each run, by time. The state machine opens a record, its tasks report
 * progress into it, and record-run closes it. What is no run is written whole. Beside the runs it keeps which recovery points
 * were verified.
 */
export interface Journal {
  /** Writes a record whole, under the name that `recordKey` gives it. Written again, it replaces the first. */
  write(record: JournalRecord): Promise<void>;
  /** Replaces the record's progress. @throws RecordMissing */
  reportProgress(record: string, progress: Progress): Promise<void>;
  /** Closes a record with its outcome and removes its progress. Closing twice changes nothing. @throws RecordMissing */
  close(record: string, outcome: ClosedRecord): Promise<void>;
  /** The records of this workload, newest first. */
  recent(limit: number): Promise<JournalRecord[]>;
  /** One record as it is now; null if there is no such record. */
  find(record: string): Promise<JournalRecord | null>;
  /** Notes that a recovery point was verified. Verified again, the later run replaces the earlier one. */
  noteVerified(verification: Verification): Promise<void>;
  /** What was verified of one backup, the newest recovery point first. */
  verified(of: Pick<Verification, 'database' | 'backup'>, limit: number): Promise<Verification[]>;
}
