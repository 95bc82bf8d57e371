import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * One change that a run makes to the world and can prove: a fence, a promotion, a redirect, a scaling, a remedy.
 *
 * Each method is called from a step of its own, possibly in another process, hours apart, and may be retried. The run
 * therefore keeps the `Change` between the steps: it is plain JSON, and everything that `undo` needs is in it before
 * anything is changed.
 *
 * An error that is thrown says nothing about the world. After one, ask `prove` before the next decision.
 */
export interface Action<Change> {
  /** What an operator calls it: `no logins to database "main"`. */
  readonly name: string;
  /** False: once applied there is no way back, only a failback. The run shows the point of no return before it. */
  readonly reversible: boolean;

  /**
   * Looks at the world and says what `apply` would change. Changes nothing.
   *
   * Called once a run, before `apply`. Called after `apply`, it would find the change made, and `undo` would have nothing to
   * undo: the run keeps the first answer.
   *
   * @returns what would be changed, with the state before; or why it cannot be
   */
  precheck(signal: AbortSignal): Promise<Precheck<Change>>;

  /**
   * Makes the change. Idempotent: applied again, after a success or after a failure halfway, it completes the same change.
   * What takes long, such as a promotion, is only started: `prove` tells when it has taken effect.
   *
   * @throws ActionOutdated where the world is no longer as precheck saw it. Nothing more was changed
   */
  apply(change: Change, signal: AbortSignal): Promise<void>;

  /**
   * Looks at the world itself, not at the answers of `apply`: a fence tries to write, a redirect asks the name servers.
   * Changes nothing, and can be called at any time. A world that does not answer is `unknown`, not an error.
   */
  prove(change: Change, signal: AbortSignal): Promise<Proof>;

  /**
   * Restores the state before, and only what this change altered. Idempotent, also where `apply` ended halfway or never
   * began. What was as wanted before `apply`, or what others changed since, stays as it is.
   */
  undo(change: Change, signal: AbortSignal): Promise<Undone>;
}

export type Precheck<Change> =
  | {
      readonly ready: true;
      readonly change: Change;
      /** What was found: `role app may log in, 12 sessions`. */
      readonly seen: string;
    }
  | { readonly ready: false; readonly blockers: readonly string[] };

/** Whether the change has its effect. `seen` is the observation that the verdict rests on, for the evidence. */
export type Proof =
  | { readonly verdict: 'proven'; readonly seen: string }
  | {
      readonly verdict: 'not-proven';
      /** True: the change is under way, ask again. */
      readonly pending: boolean;
      readonly seen: string;
    }
  | { readonly verdict: 'unknown'; readonly seen: string };

export type Undone =
  /** The world is as precheck saw it, in everything that this change concerns. */
  | { readonly outcome: 'undone'; readonly seen: string }
  /** Something was left as it is: others changed it since. */
  | { readonly outcome: 'left'; readonly seen: string }
  /** The action cannot be undone, or undoing it could leave two writers. Nothing was changed. */
  | { readonly outcome: 'refused'; readonly seen: string };

/** The world is no longer as the action's precheck saw it, so that its change does not apply. */
export class ActionOutdated extends LifeboatError {
  override readonly name = 'ActionOutdated';
  override readonly kind = 'conflict';
}
