import type { LazyReads } from './lazy-reads/lazy-reads.ts';

/**
 * PostgreSQL clusters in one folder, with what a database service does to them: base backups, a WAL archive, restores to a
 * point in time, replicas, and the faults to rehearse. Knows no service's API and no names but its own ids.
 *
 * Everything survives the end of the program, also by SIGKILL: what was being made is removed at the next start, what was
 * made is whole. A power cut may have all of it: the servers run with `fsync` off.
 */
export interface Engine {
  readonly folder: string;
  /** PEM of the authority that signed the certificate of every server of this engine. */
  readonly ca: string;
  /** The same as a file, for clients that want one. */
  readonly caFile: string;
  /** What the previous program left unfinished and this one removed when it started. */
  readonly swept: Swept;
  /** Ids of the clusters on disk, running or not. */
  list(): Promise<string[]>;
  /** A new cluster, running. Throws ClusterExists, PortTaken, ParameterRefused, NameRefused. */
  createCluster(wanted: NewCluster): Promise<Cluster>;
  /** A cluster that exists on disk; the same object for the same id. Not started by this. Throws ClusterNotFound. */
  open(id: string): Promise<Cluster>;
  /** A new cluster, running, as the backup's source was when the backup was complete. Throws BackupDamaged. */
  restoreFromBackup(wanted: Restore): Promise<Cluster>;
  /**
   * A new cluster, running, as the source was at a moment: with every transaction that had committed by then and no other.
   * Throws, before anything is made, TargetBeforeBackup and TargetBeyondArchive.
   */
  restoreToPointInTime(wanted: PointInTimeRestore): Promise<Cluster>;
  /** A running, read-only cluster that follows a running source, which may belong to another engine. */
  createReplica(wanted: NewReplica): Promise<Cluster>;
  /** A backup that is on disk. Throws BackupNotFound where there is none, or only the beginning of one. */
  readBackup(folder: string): Promise<BaseBackup>;
  /** Another copy in another folder, by reflink or hard link where the file system has them. */
  copyBackup(from: BaseBackup, folder: string, signal?: AbortSignal): Promise<BaseBackup>;
  /** Reads every byte and compares it with the manifest. Throws BackupDamaged, which names each file. */
  verifyBackup(backup: BaseBackup): Promise<void>;
  deleteBackup(backup: BaseBackup): Promise<void>;
  /** What can be reached from a backup with the segments of an archive. */
  restorableWindow(backup: BaseBackup, archive: string): Promise<RestorableWindow>;
  /** Brings a copy of an archive up to date, by links where it can. Only whole segments are ever there. */
  copyArchive(from: string, to: string): Promise<void>;
  /**
   * Rehearsal of blocks that are loaded when they are first read: clusters that are restored from now on behave so for that long.
   * Null: from now on none does. Throws LazyReadsNotSupported on machines that cannot.
   */
  makeRestoresLazy(lazy: { readonly delayMs: number; readonly forMs: number } | null): void;
  /** Every parameter of this PostgreSQL, known without a cluster. */
  parameters(): Promise<readonly Parameter[]>;
  /** Stops every cluster. The engine is of no use afterwards. */
  close(): Promise<void>;
}

export interface Swept {
  /** Ids of clusters that were half made or half deleted. */
  readonly clusters: readonly string[];
  /** How many server processes of the dead program were still running. */
  readonly processes: number;
}

export interface Place {
  /** A lowercase letter first, then lowercase letters, digits and hyphens. */
  readonly id: string;
  /** Any free one when left out; kept for the cluster's life. */
  readonly port?: number;
  /** Name and value as PostgreSQL writes them, without quotes. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Gives up and removes what was made; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface NewCluster extends Place {
  readonly master: { readonly user: string; readonly password: string };
  /** Besides `postgres`, which is always there; both belong to the master user. */
  readonly database?: string;
}

export interface Restore extends Place {
  readonly from: BaseBackup;
}

export interface PointInTimeRestore extends Restore {
  /** Folder of the WAL archive of the cluster that the backup is of. */
  readonly archive: string;
  /** `latest`: all that the archive holds. A Date includes what committed at that very millisecond's start. */
  readonly target: Date | 'latest';
}

export interface NewReplica extends Place {
  readonly source: Cluster;
}

/** A whole copy of a cluster's files in a folder of its own, with PostgreSQL's `backup_manifest`. Never changed. */
export interface BaseBackup {
  readonly folder: string;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly master: string;
  readonly startedAt: Date;
  /** The backup holds every transaction that committed before `startedAt` and none after this. */
  readonly completedAt: Date;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly bytes: number;
}

export interface RestorableWindow {
  readonly earliest: Date;
  /** The last moment a restore can stop at. */
  readonly latest: Date;
}

export type ParameterContext =
  | 'internal'
  | 'postmaster'
  | 'sighup'
  | 'superuser-backend'
  | 'backend'
  | 'superuser'
  | 'user';

export interface Parameter {
  readonly name: string;
  readonly default: string | null;
  readonly unit: string | null;
  readonly context: ParameterContext;
  readonly type: 'bool' | 'enum' | 'integer' | 'real' | 'string';
  readonly min: string | null;
  readonly max: string | null;
  readonly values: readonly string[] | null;
  readonly description: string;
  /** The engine sets it itself (port, archiving, certificates, …) and refuses another value. */
  readonly reserved: boolean;
}

/** One PostgreSQL 18 cluster. Its owner makes the calls for one cluster one after the other. */
export interface Cluster {
  readonly id: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly folder: string;
  readonly logFile: string;
  readonly ca: string;
  readonly master: string;
  readonly archive: Archive;
  /** Null when this is no replica, or not any more. */
  readonly replica: Replica | null;
  /** Resolves when clients can connect; crash recovery is over then. Nothing when it runs. Throws ServerNotStarted. */
  start(): Promise<void>;
  /** PostgreSQL's fast shutdown: clients are thrown out, what they wrote is archived. Nothing when it does not run. */
  stop(): Promise<void>;
  /** As a power cut of the server alone: SIGKILL to all of its processes. */
  kill(): Promise<void>;
  /** As `kill`, but reported as unexpected to those who wait for the server's end. */
  crash(): Promise<void>;
  running(): boolean;
  /** Resolves at the next end of the server, asked for or not. */
  ended(): Promise<ServerEnd>;
  setMasterPassword(password: string): Promise<void>;
  /** Another port, from the next start on. */
  setPort(port: number): Promise<void>;
  /**
   * Replaces all parameters. Running: in effect at once, except those named, which wait for a restart. Throws
   * ParameterRefused and changes nothing when PostgreSQL would not take one of them.
   */
  setParameters(parameters: Readonly<Record<string, string>>): Promise<{ pendingReboot: string[] }>;
  /** A copy of the running cluster in a folder that must not exist. Under load, without a pause for writers. */
  baseBackup(wanted: { folder: string; signal?: AbortSignal }): Promise<BaseBackup>;
  /** Keeps WAL for a standby from now on, and says how it connects. For an engine that makes a replica of this cluster. */
  admitStandby(slot: string): Promise<StandbyLogin>;
  /** Fills an empty folder with the files of the running cluster, for a standby. */
  copyTo(dataFolder: string, signal?: AbortSignal): Promise<void>;
  /** Runs statements as the internal superuser, which no client of the service can become. For rehearsals and tests. */
  asAdmin<T>(work: (client: AdminClient) => Promise<T>, database?: string): Promise<T>;
  /**
   * Rehearsal of a full disk: while on, what needs more room fails with PostgreSQL's 53100, and reads go on. Survives a restart.
   * Throws FullDiskNotSupported on machines that cannot.
   */
  fillStorage(full: boolean): Promise<void>;
  /** Rehearsal of rot: flips one byte in the middle of the table's first page; its checksum shows that at the next read. */
  flipByte(where: { database: string; table: string }): Promise<void>;
  /**
   * Rehearsal of blocks that are loaded when they are first read: until then the first read of each 512 KiB of a table or an index
   * waits, from now on and also after a restart. Null: all are there. Throws LazyReadsNotSupported on machines that cannot.
   */
  readLazily(lazy: LazyReads | null): Promise<void>;
  /** Bytes on disk, archive not counted. */
  size(): Promise<number>;
  /** Kills the server and removes its files; the archive stays when asked to, else it goes too. */
  delete(options?: { keepArchive?: boolean }): Promise<void>;
}

export interface StandbyLogin {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface ServerEnd {
  /** False unless stop, kill or delete was called. */
  readonly expected: boolean;
  readonly reason: string;
}

/** What of `pg.Client` is needed here. */
export interface AdminClient {
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement makes them, as in pg's own types
  query(sql: string, values?: readonly unknown[]): Promise<{ rows: any[] }>;
}

export interface Archive {
  readonly folder: string;
  /**
   * The last moment that a restore from an earlier backup can stop at: a commit that really lies in the archive comes after it.
   * Null while the archive holds none. Also for a cluster that does not run.
   */
  latestRestorableTime(): Promise<Date | null>;
  /** As `advance` where something was written since the last time; else only notes until when nothing was. */
  keepUp(): Promise<void>;
  /** Puts everything committed so far into the archive now, and returns when it is there. Throws ArchiveStuck. */
  advance(): Promise<void>;
  /** What PostgreSQL said when it could not archive a segment, while that is so; else null. */
  failure(): Promise<string | null>;
  /** Rehearsal of a full disk under the archive: while on, no segment gets there, and writers go on. Survives a restart. */
  fill(full: boolean): Promise<void>;
}

export interface Replica {
  /** 0 when everything the source has is replayed; else the age of the last replayed commit. */
  lagSeconds(): Promise<number>;
  streaming(): Promise<boolean>;
  /** Rehearsal: the connection to the source is closed and not opened again. Survives a restart. */
  stopStreaming(): Promise<void>;
  resumeStreaming(): Promise<void>;
  /** `pg_promote()`: writable when this returns; the cluster's `replica` is null then. */
  promote(): Promise<void>;
}
