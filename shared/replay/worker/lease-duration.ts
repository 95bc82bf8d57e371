import type { Target } from '../../plan/sections/replays.ts';
import { longestDelivery } from '../targets/open-target.ts';

const MARGIN_MS = 20_000;

/**
 * How long a message stays hidden and claimed at a time. It exceeds one delivery, so that no other worker
 * takes over a message while it is being sent. It is short, because the messages of a dead worker wait that
 * long.
 *
 * @returns milliseconds
 */
export function leaseOf(target: Target): number {
  return longestDelivery(target) + MARGIN_MS;
}
