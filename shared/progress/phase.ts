import * as z from 'zod';
import type { Clock } from '../clock/clock.ts';

/** When a step of a run began and ended, by the clock of the function that did it. */
export const Phase = z.object({ startedAt: z.iso.datetime(), finishedAt: z.iso.datetime() });
export type Phase = z.infer<typeof Phase>;

/** Runs a step and adds to its result when it began and ended. */
export async function timed<T extends object>(clock: Clock, step: () => Promise<T>): Promise<T & Phase> {
  const startedAt = clock.now().toISOString();
  const result = await step();
  return { ...result, startedAt, finishedAt: clock.now().toISOString() };
}
