import type { Target } from '../../plan/sections/replays.ts';
import { longestDelivery } from '../targets/open-target.ts';

const MARGIN_MS = 20_000;

/**
 * For how long a message is hidden and claimed at a time. Longer than one delivery, so that no other worker takes over a
 * message that is being sent. Short, because the messages of a dead worker wait for so long.
 *
 * @returns milliseconds
 */
export function leaseOf(target: Target): number {
  return longestDelivery(target) + MARGIN_MS;
}
