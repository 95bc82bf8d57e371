import { z } from 'zod';
import { seconds } from '../asl/fields.ts';

const errorNames = z.array(z.string()).min(1);

/** One element of Retry (spec, "Retrying after error"; MaxDelaySeconds and JitterStrategy included). */
export const retrier = z
  .strictObject({
    Comment: z.string().optional(),
    ErrorEquals: errorNames,
    IntervalSeconds: seconds.default(1),
    MaxAttempts: z.int().min(0).max(99_999_999).default(3),
    BackoffRate: z.number().min(1).default(2),
    MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
    JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
  })
  .refine((it) => it.MaxDelaySeconds === undefined || it.MaxDelaySeconds > it.IntervalSeconds, {
    path: ['MaxDelaySeconds'],
    error: 'must be greater than IntervalSeconds',
  });

export type Retrier = z.infer<typeof retrier>;

/** `States.ALL` stands alone in its list and its rule stands last (spec, "Retrying after error" and "Fallback states"). */
export function wildcardStandsLast(rules: readonly { ErrorEquals: readonly string[] }[]): boolean {
  return rules.every(({ ErrorEquals }, index) => {
    if (!ErrorEquals.includes('States.ALL')) return true;
    return ErrorEquals.length === 1 && index === rules.length - 1;
  });
}

export const retry = z
  .array(retrier)
  .refine(wildcardStandsLast, 'States.ALL must be alone in the last retrier')
  .optional();
