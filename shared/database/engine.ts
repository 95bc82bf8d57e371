import type { Clock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { DatabaseAccess } from './access.ts';
import type { TableFingerprint } from './fingerprint.ts';
import type { FragileConstraint } from './fragile-constraint.ts';
import type { SchemaComparison, SchemaDump, SourceSchema } from './schema-dump.ts';
import type { PartName, SchemaPart } from './schema-part.ts';
import type { RowFormat, RowRules, SequencePosition, SourceTable, TableName, TableRange } from './table.ts';

/**
 * A database engine, cut by activity. A use case asks for the one part that it needs.
 *
 * Common to all parts: an operation on a database that cannot be reached, or whose connection is lost, throws
 * DatabaseUnreachable and may be repeated. Where an operation takes a signal, it ends as soon as the signal fires and throws
 * the signal's reason. Other errors are the engine's own, and permanent.
 */
export interface Engine {
  readonly heartbeats: Heartbeats;
  readonly snapshots: Snapshots;
  readonly scratchServers: ScratchServers;
  readonly restores: Restores;
  readonly comparisons: Comparisons;
  readonly replicaReads: ReplicaReads;
}

/** The database cannot be reached, refused the login, or closed the connection. Usually transient. */
export class DatabaseUnreachable extends LifeboatError {
  override readonly name = 'DatabaseUnreachable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The login may not create, write or read the heartbeat. The message has the statement that allows it. */
export class HeartbeatRefused extends LifeboatError {
  override readonly name = 'HeartbeatRefused';
  override readonly kind = 'forbidden';
}

/** The scratch server cannot hold a copy of this source: another version, encoding, locale or roles. */
export class ScratchUnsuitable extends LifeboatError {
  override readonly name = 'ScratchUnsuitable';
  override readonly kind = 'unsupported';
}

/** A row is larger than PostgreSQL can write: 1 GiB in binary, and as text a bytea counts twice. */
export class RowTooLarge extends LifeboatError {
  override readonly name = 'RowTooLarge';
  override readonly kind = 'unsupported';
  override readonly hint =
    'Give the backup "rows: binary" if it copies text. Else store the value in several rows, or as a large object.';
}

/** A scratch database could not be dropped: it is still on the server, with the data that was restored into it. */
export class ScratchNotDropped extends LifeboatError {
  override readonly name = 'ScratchNotDropped';
  override readonly kind = 'conflict';
}

/** A database or role of that name exists, and it is not this run's. Nothing was changed. */
export class NameTaken extends LifeboatError {
  override readonly name = 'NameTaken';
  override readonly kind = 'conflict';
  override readonly hint =
    'Restore into another name, or rename what is there first: nothing is ever restored over it.';
}

/** The server refused the owner, a grant or a setting of the plan. The copy is as it was. */
export class HandOverRefused extends LifeboatError {
  override readonly name = 'HandOverRefused';
  override readonly kind = 'forbidden';
}

/** What a copy becomes when it is handed over. */
export interface HandOver {
  /** The final name of the database and of its login. */
  readonly name: string;
  /**
   * The role that owns all of it, made without login if it is missing. Null for the source's own, where the server has it and it is
   * no privileged one, and else for the login itself.
   */
  readonly owner: string | null;
  /** SQL run as the owner. `{database}` stands for the database. */
  readonly grants: readonly string[];
  /** True where the copy is a part of its source: a grant on something that is not there is then left out. */
  readonly isPart: boolean;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** What the source was defined as, in the engine's format: what the plan does not say of grants and settings comes from it. */
  readonly definition: Buffer | null;
  /** Says what it is, where it comes from, and what was applied. */
  readonly comment: (report: HandOverReport) => string;
}

/** What a hand-over took from the source's own record. Holds no value of a setting, which can be a secret. */
export interface FromSource {
  /** How many statements. */
  readonly grants: number;
  /** By name. */
  readonly settings: readonly string[];
  /** Roles of the source that the server lacks. Nobody makes them: their rights are left out. */
  readonly missingRoles: readonly string[];
  /** What the server refused, or what would do harm, each with the reason. */
  readonly leftOut: readonly string[];
}

export interface HandOverReport {
  /** The role that owns the copy. */
  readonly owner: string;
  /** Grants of the plan on what a part does not have. */
  readonly grantsLeftOut: readonly string[];
  /** Null where nothing of the source was asked for. */
  readonly fromSource: FromSource | null;
}

/** What a database was created with, so that a scratch database can be created alike. */
export interface DatabaseTraits {
  readonly serverVersion: number;
  readonly serverVersionText: string;
  readonly encoding: string;
  readonly localeProvider: 'builtin' | 'icu' | 'libc';
  readonly collate: string;
  readonly ctype: string;
  readonly locale: string | null;
  /** Rules of the application's own beside an ICU locale. */
  readonly icuRules: string | null;
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  /** What the database computes under, by the engine's own names, such as PostgreSQL's `DateStyle`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Writes the heartbeat: a row with the time, by which a recovery later knows how far it reached. */
export interface Heartbeats {
  /**
   * Writes the heartbeat of a workload, and creates its table if it is missing. A heartbeat never moves backwards.
   *
   * @throws HeartbeatRefused
   */
  beat(access: DatabaseAccess, workload: string, at: Date): Promise<void>;
  /**
   * Connects, asks whether the server takes writes, and reads the newest heartbeat of a workload. Writes nothing. Ends with the
   * signal, also while the server does not answer.
   */
  look(access: DatabaseAccess, workload: string, signal: AbortSignal): Promise<DatabaseLook>;
}

/** What one look at a database found. */
export interface DatabaseLook {
  /** The server only reads, as a standby does. */
  readonly readsOnly: boolean;
  /** Null if there is none, or if it may not be read. */
  readonly beatAt: Date | null;
  /** Why the heartbeat may not be read; null if it may. */
  readonly refused: HeartbeatRefused | null;
}

/** What a replica says of itself, by its own clock. A copy by the engine's own replication is meant. */
export interface ReplicaState {
  /** False for a server that takes writes, as after a promotion. */
  readonly standby: boolean;
  readonly now: Date;
  /** The newest heartbeat in it; null if there is none, or this login may not read it. */
  readonly heartbeatAt: Date | null;
  /** When the newest transaction that it applied was committed at the source; null if it applied none since it started. */
  readonly appliedTo: Date | null;
  /** When the source last said how far it is, if the replica has received all of that. Null where it lacks some, or may not tell. */
  readonly receivedTo: Date | null;
  /** Bytes received and not applied yet. */
  readonly unappliedBytes: number;
  /** Whether it is connected to its source. */
  readonly streaming: boolean;
}

/** Asks replicas how far they are. */
export interface ReplicaReads {
  /**
   * @param workload whose heartbeat
   * @throws DatabaseUnreachable
   */
  read(access: DatabaseAccess, workload: string): Promise<ReplicaState>;
}

/** Opens one moment of a database for reading. */
export interface Snapshots {
  /** @param signal abandons the snapshot, also while it still waits for a lock */
  open(access: DatabaseAccess, options: { clock: Clock; signal: AbortSignal }): Promise<Snapshot>;
}

/** One moment of a database, held open, that any number of connections can read. */
export interface Snapshot {
  /** Everything that was committed by then is in it. */
  readonly takenAt: Date;
  readonly traits: DatabaseTraits;
  /** Every table of that moment, and the large objects as one more table. No session can drop, truncate or rewrite one until the snapshot ends. */
  readonly tables: readonly SourceTable[];
  /** All tables in parts that are read independently, largest first. */
  readonly ranges: readonly TableRange[];
  /** The newest heartbeat of the moment; null if there is none. */
  newestHeartbeat(workload: string): Promise<Date | null>;
  dumpSchema(): Promise<SourceSchema>;
  /** Positions now, not at the moment. Read after the rows, they are never behind them. */
  sequences(): Promise<SequencePosition[]>;
  /** Opens one more connection that reads the same moment. The snapshot closes it. */
  openReader(): Promise<SnapshotReader>;
  /** Closes every connection once it is idle. */
  release(): Promise<void>;
  /** Cuts every connection at once. */
  abandon(): void;
}

/** One connection that reads a snapshot, one operation at a time. @throws RowTooLarge */
export interface SnapshotReader {
  /** The rows of a range in the engine's own format. `rowCount` is known once the chunks were read to their end. */
  copyOut(range: TableRange, format: RowFormat): CopiedRows;
  fingerprint(range: TableRange): Promise<TableFingerprint>;
  /** Counts the rows of a whole table. Decimal text. */
  countRows(table: TableName): Promise<string>;
  /** The columns with stored values, by name, and those that tell its rows apart: null if no rule of the table keeps them unique. */
  identity(
    table: TableName,
  ): Promise<{ readonly columns: readonly string[]; readonly key: readonly string[] | null }>;
  /** Rows and content of each group of rows. A row is in the group of its key, wherever it is stored. */
  hashGroups(of: RowsToHash): Promise<ReadonlyMap<number, TableFingerprint>>;
  /** The hashes of the rows of those groups, some at a time, in order. */
  hashes(of: RowsToHash, groups: readonly number[]): AsyncIterable<readonly RowHash[]>;
}

/** Rows that are compared with those of another database by hashes, so that no value leaves either. */
export interface RowsToHash {
  readonly table: TableName;
  /** True for a partitioned table, whose rows are in its partitions. */
  readonly partitioned: boolean;
  /** At least one column. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

/** 64-bit hashes of a row, by which rows are ordered: first by key. */
export interface RowHash {
  readonly key: bigint;
  readonly row: bigint;
}

export interface CopiedRows {
  readonly chunks: AsyncIterable<Buffer>;
  rowCount(): number;
}

/** Who is at fault for a statement that an engine refused while a copy was loaded or read. */
export interface Blame {
  /**
   * `backup` only where it is proven. `Lifeboat`, because it sent something in a wrong way or order. `nobody`, where the
   * cause is not known.
   */
  readonly suspect: 'backup' | 'scratch server' | 'role' | 'restored code' | 'Lifeboat' | 'nobody';
  readonly because: string;
  /** The next step for an operator. */
  readonly next: string;
  /** What the engine said, without values of rows. */
  readonly said: string;
}

interface Blames {
  /**
   * Who is at fault if the engine refused a statement; null if the error is not the engine's, or says that the connection was
   * lost.
   */
  blame(error: unknown): Blame | null;
}

interface Parts {
  /**
   * The part of a dumped definition that some tables and schemas need. It is loaded and compared as a whole one is.
   *
   * @throws PartUnknown where one of them is not in it
   */
  partOf(archive: Buffer, wanted: readonly PartName[]): SchemaPart;
}

/** Creates and drops databases on a server that holds disposable copies. */
export interface ScratchServers {
  /** @param purpose shows in the server's list of sessions */
  use<T>(server: DatabaseAccess, purpose: string, work: (databases: ScratchServer) => Promise<T>): Promise<T>;
}

export interface ScratchServer {
  /**
   * Waits until no other session holds the lock on that name, and takes it until this session ends. It keeps two attempts of one
   * run from deciding on the same database at the same moment.
   */
  lock(name: string): Promise<void>;
  /** Databases whose name begins with the prefix, and logins that one left behind, in order of name, each with its comment. */
  list(prefix: string): Promise<{ readonly name: string; readonly comment: string | null }[]>;
  /**
   * Creates an empty database with the encoding and locale of another. It belongs to a login of its own, unless `whyNoLogin`
   * says why not. No other role may connect to it.
   *
   * @param options.stays it will be handed over
   * @throws ScratchUnsuitable
   */
  create(name: string, like: DatabaseTraits, options?: { readonly stays: boolean }): Promise<void>;
  /** Why restored code runs as the login of this server; null if databases like this one get logins of their own. */
  whyNoLogin(like: DatabaseTraits, options?: { readonly stays: boolean }): Promise<string | null>;
  /** Renews the login of a database, whatever was done to it; null if it has none of its own. */
  login(name: string): Promise<Pick<DatabaseAccess, 'username' | 'password'> | null>;
  comment(name: string, text: string): Promise<void>;
  /**
   * Hands a database with a login of its own over. Owner and grants come first. Then it gets its name, settings and comment in
   * one step, so that it is either complete or as it was. Its sessions are ended.
   *
   * @returns its login under the new name, with a new password
   * @throws NameTaken, HandOverRefused where something of the plan is refused. What is refused of the source is reported
   */
  handOver(name: string, to: HandOver): Promise<Pick<DatabaseAccess, 'username' | 'password'>>;
  /**
   * Ends the sessions of the database and drops it with its login. A missing database is success.
   *
   * @throws ScratchNotDropped if it is still there: its message names what holds it
   */
  drop(name: string): Promise<void>;
}

/** Loads a copy into an empty database. */
export interface Restores extends Blames, Parts {
  /**
   * Opens connections, gives them to `work` and closes them. If the work fails, they are cut at once.
   *
   * @param options.computeUnder the source's settings: what is computed during the load is computed under them
   * @param options.fragileConstraints those of the source, for `blame`; null or missing if they are not known
   */
  load<T>(
    access: DatabaseAccess,
    options: {
      connections: number;
      signal: AbortSignal;
      computeUnder?: DatabaseTraits['settings'];
      fragileConstraints?: readonly FragileConstraint[] | null;
    },
    work: (loader: Loader) => Promise<T>,
  ): Promise<T>;
}

export interface Loader {
  /** @throws ScratchUnsuitable where that source cannot be loaded: another version, or an extension that is missing */
  checkSuitable(source: Pick<DatabaseTraits, 'serverVersion' | 'extensions'>): Promise<void>;
  /**
   * Makes the roles that a schema names and the server lacks, without login or rights.
   * @throws ScratchUnsuitable where the login may not
   */
  createRoles(names: readonly string[]): Promise<void>;
  /** Makes what must exist before rows are loaded. @param schema an archive that this engine dumped */
  loadPreData(schema: Buffer): Promise<void>;
  /** Gives each task to the next free connection. The first failure is thrown at once. */
  share<Task>(
    tasks: readonly Task[],
    perform: (connection: RowLoader, task: Task) => Promise<void>,
  ): Promise<void>;
  setSequences(positions: readonly SequencePosition[]): Promise<void>;
  /** Builds indexes, constraints and whatever else needs the rows. @param onStep called after each step */
  loadPostData(schema: Buffer, onStep: (done: number, total: number) => void): Promise<void>;
  /** Collects the statistics that queries are planned with, and returns what it could not, in words. */
  analyze(): Promise<string[]>;
}

export interface RowLoader {
  /**
   * Loads rows into a table, all or none of them, and returns how many. In a table of an extension they replace those that
   * the extension marks as the application's. After a refusal the next load may follow.
   */
  copyIn(
    table: TableName & { readonly columns: readonly string[] } & Pick<RowRules, 'through' | 'extension'>,
    format: RowFormat,
    rows: AsyncIterable<Buffer>,
  ): Promise<number>;
}

/** Reads a restored copy to compare it with its source. */
export interface Comparisons extends Blames, Parts {
  /** Opens connections, gives them to `work` and closes them. If the work fails, they are cut at once. */
  inspect<T>(
    access: DatabaseAccess,
    options: { connections: number; signal: AbortSignal },
    work: (copy: RestoredCopy) => Promise<T>,
  ): Promise<T>;
  /** Compares two archives that this engine dumped. */
  compareSchemas(stored: Buffer, restored: Buffer): SchemaComparison;
}

export interface RestoredCopy {
  dumpSchema(): Promise<SchemaDump>;
  tables(): Promise<SourceTable[]>;
  /** Fingerprints tables, in parallel and part by part. @param onRange called after each part */
  fingerprints(
    tables: readonly SourceTable[],
    onRange: (progress: { bytes: number; done: number; total: number }) => void,
  ): Promise<ReadonlyMap<SourceTable, TableFingerprint>>;
  sequences(): Promise<SequencePosition[]>;
  /** Names of indexes that cannot be used. */
  invalidIndexes(): Promise<string[]>;
  /** Which of these roles are on the server only because a load made them. */
  placeholderRoles(roles: readonly string[]): Promise<string[]>;
  newestHeartbeat(workload: string): Promise<Date | null>;
  /**
   * Runs a statement that may change the copy.
   *
   * @param options.ifThere do nothing where the statement names something that the copy does not have
   * @returns false if it did nothing
   */
  run(sql: string, options?: { ifThere: boolean }): Promise<boolean>;
  /** Asks one read-only query. It ends after a time limit. */
  ask(sql: string): Promise<QueryAnswer>;
}

/** The rows of a query as arrays of values, or why the database did not answer it. */
export type QueryAnswer =
  | { readonly rows: readonly unknown[][] }
  /** `absent`: the query names something that the database does not have. */
  | { readonly refused: string; readonly absent: boolean };

/**
 * Looks into a copy of a server's whole storage: what no load has read, written or checked. Not a part of every engine: only of
 * one whose storage a cloud restores.
 */
export interface StorageChecks extends Blames {
  /** Opens connections, gives them to `work` and closes them. If the work fails, they are cut at once. */
  inspect<T>(
    access: DatabaseAccess,
    options: { connections: number; signal: AbortSignal },
    work: (copy: StorageCopy) => Promise<T>,
  ): Promise<T>;
}

/** Where a read of all blocks goes on. */
export interface BlockPosition {
  /** The engine's number of the relation. Relations are read in that order. */
  readonly relation: number;
  readonly block: number;
}

/** What is wrong with a table or an index. */
export interface StorageFault {
  /** The table, also where one of its indexes is at fault. */
  readonly table: string;
  readonly reason: string;
}

export interface BlocksRead {
  readonly bytes: number;
  readonly relations: number;
  readonly damaged: readonly StorageFault[];
  /** Relations that the login may not read, or that were read only in part. */
  readonly unread: readonly string[];
  /** Null once every block was read. */
  readonly next: BlockPosition | null;
}

export interface StorageCopy {
  /** Reads blocks until all were read, or until there is no time left. Each read verifies the checksum of its block. */
  readBlocks(from: BlockPosition | null, hasTime: () => boolean): Promise<BlocksRead>;
  /** How many tables of the application there are, and how many of them have a row. */
  tables(): Promise<{ tables: number; filled: number }>;
  /** Whether the server writes and verifies checksums. */
  checksums(): Promise<boolean>;
  /**
   * Checks the structure of tables and indexes while there is time.
   *
   * @returns what is wrong, and what could not be checked, in words
   */
  checkStructure(hasTime: () => boolean): Promise<{ faults: StorageFault[]; unchecked: string[] }>;
  /** Looks for rows whose foreign key leads nowhere, while there is time. */
  checkForeignKeys(hasTime: () => boolean): Promise<{ faults: StorageFault[]; unchecked: string[] }>;
}
