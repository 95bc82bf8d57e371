import * as z from 'zod';
import { FenceAnswer } from '../shared/lease/step-answers.ts';

/** What `lifeboat fence … --json` prints. */
export const Fence = FenceAnswer.extend({ database: z.string() });
