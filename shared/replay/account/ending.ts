import * as z from 'zod';

/**
 * How a worker ended: the queue was empty, the worker had taken as many messages as it was asked for, its time was over, or
 * it stopped because something was wrong.
 */
export const Ended = z.enum(['empty', 'count', 'time', 'stopped']);
export type Ended = z.output<typeof Ended>;

/** Why a worker ended. */
export interface Ending {
  readonly ended: Ended;
  /** For people. */
  readonly reason: string;
}
