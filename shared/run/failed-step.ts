import * as z from 'zod';
import type { AnyReport } from './report.ts';
import { CaughtError, unwrapFailure } from './unwrap-cause.ts';

/** What stands in place of a step's answer if the step failed and the run went on without it. */
export const FailedStep = z.object({ failure: CaughtError });

/** Steps as people read them: those that failed have their cause in words. */
export function withCausesInWords(steps: AnyReport['steps']): AnyReport['steps'] {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => {
      const failed = FailedStep.safeParse(step).data;
      return [name, failed ? { ...(step as object), failure: unwrapFailure(failed.failure) } : step];
    }),
  );
}
