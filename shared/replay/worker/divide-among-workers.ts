import type { Replay } from '../../plan/sections/replays.ts';
import type { ReplayOptions } from '../options.ts';
import type { Share } from './share.ts';

/** Fewer messages than this do not justify a second worker. */
const WORTHWHILE = 100;

/** Divides the plan's pace among the workers, so that together they never exceed it. */
export function divide({ pace }: Replay, options: ReplayOptions, visible: number): Share[] {
  const messages = Math.min(visible, options.max ?? Number.POSITIVE_INFINITY);
  const workers = Math.min(pace.workers, pace.inFlight, Math.max(1, Math.ceil(messages / WORTHWHILE)));
  const rate = Math.min(pace.rate, options.rate ?? pace.rate) / workers;
  return Array.from({ length: workers }, (_, index) => ({
    rate,
    inFlight: part(pace.inFlight, workers, index),
    ...(options.max === undefined ? {} : { max: part(options.max, workers, index) }),
  }));
}

/** Splits a number into whole parts that differ by at most one. */
function part(whole: number, parts: number, index: number): number {
  return Math.floor((whole + index) / parts);
}
