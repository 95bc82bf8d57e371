import * as z from 'zod';
import { CaughtError } from './unwrap-cause.ts';

/** What stands in place of a step's answer if the step failed and the run went on without it. */
export const FailedStep = z.object({ failure: CaughtError });
