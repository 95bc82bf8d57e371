import * as z from 'zod';
import { Evidence } from '../shared/run/evidence.ts';

/** What `--json` prints where a command fails. */
const Failure = z.object({
  error: z.object({
    name: z.string().meta({ description: 'The name of the error, such as StackNotFound.' }),
    message: z.string().meta({ description: 'What happened and, behind a line end, the next step.' }),
  }),
});

/** What `--json` prints of a run that was followed to its end: backup, restore-test, replay, rehydrate. */
const Run = z.object({
  machine: z.string(),
  runId: z.string(),
  executionArn: z.string(),
  end: z.object({ status: z.string(), error: z.string().nullable(), cause: z.string().nullable() }),
  evidence: Evidence.nullable(),
  evidenceLocation: z.string(),
  evidenceProblem: z.string().nullable(),
});

/** What `lifeboat plan check --json` prints. */
const PlanCheck = z.object({
  plans: z.array(z.object({ path: z.string(), valid: z.boolean() })),
  severalPlans: z.array(z.string()),
});

/** What `lifeboat plan init --json` prints. */
const PlanInit = z.object({ path: z.string(), workload: z.string() });

/** The published documents by the names of their schemas. The plan's own schema lies beside the plan's code. */
export const DOCUMENTS: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  evidence: { title: 'Evidence of a run', schema: Evidence },
  error: { title: 'A command that failed', schema: Failure },
  run: { title: 'A run that was followed to its end', schema: Run },
  'plan-check': { title: 'Checked plans', schema: PlanCheck },
  'plan-init': { title: 'A new plan', schema: PlanInit },
};

/** The JSON Schema of a document, as it is published. Fields may be added: a reader ignores what it does not know. */
export function documentSchema(name: string): string {
  const document = DOCUMENTS[name];
  if (!document) throw new TypeError(`there is no document "${name}"`);
  const schema = z.toJSONSchema(document.schema, { io: 'input', unrepresentable: 'any' });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, $id: `urn:lifeboat:${name}`, title: document.title, ...rest }, null, 2)}\n`;
}
