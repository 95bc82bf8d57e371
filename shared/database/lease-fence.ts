import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { DatabaseAccess } from './access.ts';
import type { TableName } from './table.ts';

/**
 * The fence that a database enforces by itself: writes to some of its tables are refused once a lease has run out. A dead
 * function, a lost network and a lost Region leave it closed, because nothing has to act for that.
 */
export interface LeaseFences {
  /**
   * Opens a connection, gives it to `work` and closes it. It is cut at once when the work fails or the signal fires.
   *
   * @throws DatabaseUnreachable
   */
  use<T>(access: DatabaseAccess, signal: AbortSignal, work: (fence: LeaseFence) => Promise<T>): Promise<T>;
}

/** One connection to a database with a fence, or for one. */
export interface LeaseFence {
  /** The database's clock. The fence compares by no other. */
  now(): Promise<Date>;
  /** What is there for these tables, read from the catalogue. */
  read(tables: readonly TableName[]): Promise<FenceState>;
  /**
   * The statements that `install` would run, in order. They can be run by hand as well.
   *
   * @throws FenceRefused where the tables cannot be fenced
   */
  statements(tables: readonly TableName[], until: Date): Promise<string[]>;
  /**
   * Makes the fence, or completes it, in one transaction. A table that is no longer named loses its part. Writes to the tables
   * wait meanwhile.
   *
   * @param until the first end of the lease. One that is there already stays, also where it was ended or lifted
   * @throws FenceRefused naming the table, the right or the setting that stands against it
   */
  install(tables: readonly TableName[], until: Date): Promise<void>;
  /** Removes the fence from every table, in one transaction. Where there is none, nothing happens. @throws FenceRefused */
  remove(): Promise<void>;
  /**
   * Lets writes be made until then, by the database's clock. Never shortens what an earlier renewal gave.
   *
   * @returns false where the fence was ended or lifted, or is not there: nothing was changed
   */
  renew(until: Date): Promise<boolean>;
  /** Refuses writes from now on. No renewal changes that, nor `install`: only `restart` or `lift`. */
  end(): Promise<void>;
  /** Lets writes be made without a lease, until `restart`: for a database that was promoted, or a copy. */
  lift(): Promise<void>;
  /** Begins a new lease after `end` or `lift`. */
  restart(until: Date): Promise<void>;
  /**
   * Tries a statement that writes on each table, and takes it back. It changes no row.
   *
   * @returns what the database answered, for each table and each part of it that can be written by its own name
   */
  tryToWrite(tables: readonly TableName[]): Promise<WriteTrial[]>;
}

/** What a database's fence is like. */
export interface FenceState {
  /** Whether the lease itself is there and bound to this database. A copy made by dump and restore is not bound. */
  readonly installed: boolean;
  /** What is missing or other than `install` makes it, in words. Empty: every table is fenced. */
  readonly gaps: readonly string[];
  readonly lease: Lease | null;
}

/** `until` is by the database's clock. */
export type Lease =
  | { readonly state: 'running' | 'over'; readonly until: Date }
  | { readonly state: 'ended' | 'lifted'; readonly until: null };

export interface WriteTrial {
  readonly table: string;
  /** `other`: the database refused for a reason that says nothing about the fence. */
  readonly outcome: 'accepted' | 'refused by the lease' | 'other';
  readonly said: string;
}

/** The database cannot have the fence as asked for, or this login may not make it. Nothing was changed. */
export class FenceRefused extends LifeboatError {
  override readonly name = 'FenceRefused';
  override readonly kind = 'unsupported';
}
