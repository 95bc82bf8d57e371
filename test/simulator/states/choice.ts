import { z } from 'zod';
import { anyState, assign, outputFields, template } from '../asl/fields.ts';
import { settle } from '../data/output.ts';
import { evaluateAs } from '../data/template.ts';
import { StateFailure } from '../errors/state-failure.ts';
import type { Step, Visit } from '../visit.ts';

const choiceRule = z.strictObject({
  Comment: z.string().optional(),
  Condition: z.union([z.boolean(), z.templateLiteral(['{%', z.string(), '%}'])]),
  Next: z.string(),
  Assign: assign.optional(),
  Output: template.optional(),
});

export const choiceState = z.strictObject({
  Type: z.literal('Choice'),
  ...anyState,
  ...outputFields,
  Choices: z.array(choiceRule).min(1),
  Default: z.string().optional(),
});
export type ChoiceState = z.infer<typeof choiceState>;

/**
 * A rule that matches brings its own Output and Assign; those of the state are for Default alone. The developer guide says so
 * and also the opposite; AWS was recorded to do this.
 */
export async function runChoice(state: ChoiceState, visit: Visit): Promise<Step> {
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    if (!(await evaluateAs('boolean', rule.Condition, field, visit))) continue;
    visit.engine.note({ kind: 'rule', state: visit.name, index });
    return { output: await settle(rule, visit, visit.input), next: rule.Next };
  }
  if (state.Default === undefined) {
    // the name comes from the spec (appendix A); the developer guide's error table reserves it and says States.Runtime
    throw new StateFailure(
      'States.NoChoiceMatched',
      `No rule of '${visit.name}' matched, and it has no Default`,
    );
  }
  visit.engine.note({ kind: 'default', state: visit.name });
  return { output: await settle(state, visit, visit.input), next: state.Default };
}
