import type { Delivery } from './target.ts';

// The four ways a delivery ends, in words short enough to read at the place where one is chosen.

export const accepted: Delivery = { outcome: 'accepted' };

export const refused = (reason: string): Delivery => ({ outcome: 'refused', reason });

/** Whether sending should go slower now, and for how many milliseconds it should stop. */
export interface Pressure {
  readonly slowDown?: boolean;
  readonly retryAfter?: number | null;
}

export const failed = (reason: string, { slowDown = false, retryAfter = null }: Pressure = {}): Delivery => ({
  outcome: 'failed',
  reason,
  slowDown,
  retryAfter,
});

export const unknown = (
  reason: string,
  { slowDown = false, retryAfter = null }: Pressure = {},
): Delivery => ({ outcome: 'unknown', reason, slowDown, retryAfter });
