import * as z from 'zod';
import { planSchema } from '../shared/plan/schema.ts';
import { count } from './parts.ts';

const { $schema: _, ...plan } = z.toJSONSchema(planSchema, { io: 'output', unrepresentable: 'any' });

/** A plan after it was read: every default is there, and every duration is a number of milliseconds. */
const ReadPlan = z.unknown().meta({ ...plan, title: 'A plan that was read; durations are milliseconds' });

const Mistake = z.object({
  kind: z.enum(['wrong value', 'wrong name', 'missing', 'unknown key', 'old key']),
  path: z.string(),
  line: count,
  column: count,
  expected: z.string(),
  found: z.string().optional(),
  suggestion: z.string().optional(),
});

/** What `lifeboat plan check --json` prints. */
export const PlanCheck = z.object({
  plans: z.array(
    z.discriminatedUnion('valid', [
      z.object({
        path: z.string(),
        valid: z.literal(true),
        plan: ReadPlan,
        notTaken: z.array(z.string()).meta({ description: 'What the plan leaves to other tools.' }),
        warnings: z.array(z.string()),
      }),
      z.object({
        path: z.string(),
        valid: z.literal(false),
        message: z.string(),
        mistakes: z.array(Mistake),
      }),
    ]),
  ),
  severalPlans: z.array(z.string()).meta({ description: 'Workloads that more than one plan describes.' }),
});

/** What `lifeboat plan init --json` prints. */
export const PlanInit = z.object({ path: z.string(), workload: z.string() });
