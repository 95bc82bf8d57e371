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
  /** Of a backup: which backup of the database it is. */
  readonly backup?: string;
  /** `running` until the run is recorded; then its outcome. */
  readonly status: string;
  /** Absent for a release, which no state machine makes. */
  readonly executionArn?: string;
  readonly reason?: string;
  readonly recoveryPoint?: string;
  /** Of a backup: what a person called its recovery point. */
  readonly label?: string;
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
  readonly label: string | null;
}

/** Names one recovery point. */
export interface RecoveryPointName {
  readonly database: string;
  readonly backup: string;
  readonly recoveryPoint: string;
}

/** What the journal knows of a recovery point, kept apart from the records of runs, of which a reader sees only the newest. */
export interface RecoveryPointRecord extends RecoveryPointName {
  /** The backup's run that took it; null if it was taken elsewhere. */
  readonly taken: Taken | null;
  /** The last restore test that verified it; null if none did. */
  readonly verified: Verified | null;
  /** The last run that read every byte of it and found it intact; null if none did. */
  readonly read: Verified | null;
  /** What a person called it when it was taken; null if nobody did. */
  readonly label: string | null;
}

export interface Taken {
  readonly runId: string;
  /** How long the whole run took. */
  readonly seconds: number;
  /** What was read from the database, before it was compressed. */
  readonly bytes: number;
}

export interface Verified {
  readonly runId: string;
  /** ISO 8601. */
  readonly at: string;
}

/** How long a heartbeat stays noted, in days: RDS restores to no earlier moment. */
export const HEARTBEATS_KEPT_DAYS = 35;

/** Names runs about the same thing: of one kind, of one subject, and of one backup where a database has several. */
export interface Series {
  readonly machine: string;
  readonly subject: string;
  readonly backup?: string | undefined;
}

/** What was announced of the runs of a series. */
export interface Announced {
  /** The run that was announced last. */
  readonly runId: string;
  /** When the first of the failures ended since which no run has succeeded; null after a success. ISO 8601. */
  readonly failingSince: string | null;
  /** Each way to fail that was announced since, and when. ISO 8601. */
  readonly failures: readonly { readonly way: string; readonly at: string }[];
  /** Since when the runs before the announced one had failed, if it was the first success after them. ISO 8601. */
  readonly recoveredSince: string | null;
}

/**
 * A note of what is announced, as the state machine keeps it. It keeps it only once the announcement was taken: what nobody was
 * told is announced by the next run.
 */
export interface AnnouncementNote {
  /** Names the series. */
  readonly series: string;
  /** JSON of Announced. */
  readonly announced: string;
}

export function noteOf(series: Series, announced: Announced): AnnouncementNote {
  return { series: seriesKey(series), announced: JSON.stringify(announced) };
}

/** Names the note of a series. */
export function seriesKey({ machine, subject, backup = '' }: Series): string {
  return `${machine}/${subject}/${backup}`;
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
 * progress into it, and record-run closes it. What is no run is written whole. Beside the runs it keeps how recovery points
 * were taken and verified, what was announced, and when heartbeats were written.
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
  /** Notes how a recovery point was taken and labelled, or that it was verified or read. Noted again, the later one replaces the earlier one. */
  noteRecoveryPoint(
    name: RecoveryPointName,
    note: Partial<Pick<RecoveryPointRecord, 'taken' | 'verified' | 'read' | 'label'>>,
  ): Promise<void>;
  /** What was noted of the recovery points of one backup, the newest recovery point first. */
  recoveryPoints(
    of: Pick<RecoveryPointName, 'database' | 'backup'>,
    limit: number,
  ): Promise<RecoveryPointRecord[]>;
  /** Notes that a heartbeat was committed to a database. Kept for at least `HEARTBEATS_KEPT_DAYS`. */
  noteHeartbeat(database: string, at: Date): Promise<void>;
  /** The heartbeats of a database that were noted, from one time to another, the newest first. */
  heartbeats(database: string, span: { readonly from: Date; readonly to: Date }): Promise<Date[]>;
  /** What the state machine noted last of a series, once it had announced it; null if nothing was. */
  announced(series: Series): Promise<Announced | null>;
}
