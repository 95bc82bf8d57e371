import * as z from 'zod';
import { Evidence } from '../shared/run/evidence.ts';
import { Comparison } from './comparison.ts';
import { Deploy } from './deploy.ts';
import { Fence } from './fence.ts';
import { PlanCheck, PlanInit } from './plans.ts';
import { QuarantinedMessage, QuarantineList, QuarantineRelease } from './quarantine.ts';
import { Drill, Local, RdsDrill, ReplayDrill, Run } from './runs.ts';
import { Status } from './status.ts';

/** What `--json` prints where a command fails, or was interrupted before it had anything to print. */
const Failure = z.object({
  error: z.object({
    name: z.string().meta({ description: 'The name of the error, such as StackNotFound.' }),
    message: z.string().meta({ description: 'What happened and, behind a line end, the next step.' }),
  }),
});

/** The published documents by the names of their schemas. The plan's own schema lies beside the plan's code. */
export const DOCUMENTS: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  evidence: { title: 'Evidence of a run', schema: Evidence },
  error: { title: 'A command that failed', schema: Failure },
  run: { title: 'A run that was followed to its end, or left by Ctrl-C', schema: Run },
  status: { title: 'The status of a workload', schema: Status },
  'quarantine-list': { title: 'The messages in quarantine', schema: QuarantineList },
  'quarantine-show': { title: 'A message in quarantine', schema: QuarantinedMessage },
  'quarantine-release': { title: 'Messages that were put on their queue again', schema: QuarantineRelease },
  compare: { title: 'A restored database against its live source', schema: Comparison },
  fence: { title: 'The fence of a database', schema: Fence },
  drill: { title: 'A drill of a lost database', schema: Drill },
  'drill-replay': { title: 'A drill of a webhook that was down', schema: ReplayDrill },
  'drill-rds': { title: 'A drill of an accidental deletion on RDS', schema: RdsDrill },
  deploy: { title: 'A deployment to the Regions of a plan, or what it would change', schema: Deploy },
  local: { title: 'A local AWS that was torn down', schema: Local },
  'plan-check': { title: 'Checked plans', schema: PlanCheck },
  'plan-init': { title: 'A new plan', schema: PlanInit },
};

/** The JSON Schema of a document, as it is published. Fields may be added: a reader ignores what it does not know. */
export function documentSchema(name: string): string {
  const document = DOCUMENTS[name];
  if (!document) throw new TypeError(`there is no document "${name}"`);
  const schema = z.toJSONSchema(document.schema, { io: 'input', unrepresentable: 'any' });
  const { $schema, ...rest } = withoutClosedObjects(schema);
  return `${JSON.stringify({ $schema, $id: `urn:lifeboat:${name}`, title: document.title, ...rest }, null, 2)}\n`;
}

function withoutClosedObjects<Schema>(schema: Schema): Schema {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'additionalProperties' && value === false ? undefined : value,
    ),
  );
}
