import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

/** Where messages are delivered. */
export interface Target {
  /** Delivers one message, once. Never throws for what the target does: every answer is a Delivery. */
  deliver(message: OutgoingMessage, key: string, signal: AbortSignal): Promise<Delivery>;
  /** Whether the receiver is healthy; null where it has no health check. */
  health(signal: AbortSignal): Promise<Health | null>;
  /** Closes kept connections. */
  close(): Promise<void>;
}

export type Delivery =
  /** The target took it. */
  | { readonly outcome: 'accepted' }
  /** The target refuses this message for good, and would refuse it again. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It had no effect, and may have one later. */
  | {
      readonly outcome: 'failed';
      readonly reason: string;
      readonly slowDown: boolean;
      readonly retryAfter: number | null;
    }
  /** It was sent, and the answer did not come: it may have taken effect. */
  | {
      readonly outcome: 'unknown';
      readonly reason: string;
      readonly slowDown: boolean;
      readonly retryAfter: number | null;
    };

export type Health = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

/** The target cannot be used as the plan or its secret has it. Nothing was sent. */
export class TargetMisconfigured extends LifeboatError {
  override readonly name = 'TargetMisconfigured';
  override readonly kind = 'usage';
}
