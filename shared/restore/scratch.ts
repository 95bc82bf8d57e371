import { createHash } from 'node:crypto';
import type { DatabaseAccess } from '../database/access.ts';
import type { DatabaseTraits } from '../database/engine.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** A copy has the name of this run's scratch and does not carry its mark, so it is left alone. */
export class ScratchNotOurs extends LifeboatError {
  override readonly name = 'ScratchNotOurs';
  override readonly kind = 'conflict';
}

/** The run's scratch is gone: it was swept, or dropped by a person. */
export class ScratchMissing extends LifeboatError {
  override readonly name = 'ScratchMissing';
  override readonly kind = 'missing';
}

/** A scratch instance was not gone in time. It costs money until it is. */
export class ScratchNotDeleted extends LifeboatError {
  override readonly name = 'ScratchNotDeleted';
  override readonly kind = 'incomplete';
}

/** The run that a scratch belongs to, and when it may be swept. */
export interface ScratchRun {
  readonly runId: string;
  readonly workload: string;
  readonly expiresAt: Date;
}

/** Some scratches past their expiry are still there. Each is named, with the reason. */
export class SweepIncomplete extends LifeboatError {
  override readonly name = 'SweepIncomplete';
  override readonly kind = 'incomplete';
  override readonly retryable = true;
}

/** A scratch to work in. */
export interface ScratchAccess extends DatabaseAccess {
  /** Why the code of the restored database runs as the login of the plan; null if it runs as a login of its own. */
  readonly sharesLogin: string | null;
}

/** What a sweep found under the scratch prefix, each list in order of name. */
export interface Sweep {
  readonly dropped: readonly string[];
  /** Not yet expired, or of another workload. */
  readonly kept: readonly string[];
  /** Named like a scratch and not marked as one. They are left for a person to look at. */
  readonly unmarked: readonly string[];
  /** Expired, and not dropped all the same. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Gets rid of disposable copies: databases on a scratch server, or RDS instances.
 *
 * A scratch is disposable and nothing else is. One is dropped only if its name has the scratch prefix and it carries the
 * mark of the run that created it. Every operation may be repeated.
 */
export interface Disposal {
  /** Drops the scratch of a run and ends its sessions. A missing one is success. @throws ScratchNotOurs, ScratchNotDropped, ScratchNotDeleted */
  drop(runId: string): Promise<{ dropped: boolean }>;
  /** Drops every marked scratch of the workload that is past its expiry. One that cannot be dropped does not stop the others. */
  sweep(workload: string, now: Date): Promise<Sweep>;
}

/** Disposable copies that begin empty, for a load: databases on a scratch server. */
export interface Scratch extends Disposal {
  /**
   * Creates an empty scratch for a run, with the encoding and locale of the source. The run's own unused scratch is kept and
   * gets the new expiry. One that was claimed, or created for another source, is replaced.
   *
   * @throws ScratchNotOurs, ScratchUnsuitable, DatabaseUnreachable
   */
  create(run: ScratchRun, like: DatabaseTraits): Promise<ScratchAccess>;
  /**
   * Gives the run's scratch to one load. It is empty: what `create` made is marked as claimed and given as it is. After an
   * earlier claim, or if it is missing, a new one is created. The sessions of an earlier load are ended.
   *
   * @throws ScratchNotOurs, ScratchUnsuitable, DatabaseUnreachable
   */
  claim(run: ScratchRun, like: DatabaseTraits): Promise<ScratchAccess>;
  /** Access to the scratch that a load was given, with a new password. @throws ScratchMissing, ScratchNotOurs */
  open(runId: string, like: DatabaseTraits): Promise<ScratchAccess>;
}

/** Fails a sweep that left something behind, so that it is noticed. @throws SweepIncomplete */
export function requireAllSwept({ failed }: Sweep): void {
  if (failed.length === 0) return;
  const each = failed.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new SweepIncomplete(`${failed.length} expired scratch copies were not dropped: ${each}`);
}

export const SCRATCH_PREFIX = 'lifeboat_scratch_';

/** The scratch's name: the same for every attempt of a run. */
export function scratchName(runId: string): string {
  return `${SCRATCH_PREFIX}${createHash('sha256').update(runId).digest('hex').slice(0, 16)}`;
}
