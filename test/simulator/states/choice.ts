import { z } from 'zod';
import { anyState, assign, template } from '../asl/fields.ts';
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

/**
 * Output and Assign of the state itself are refused: the developer guide says of Assign both that it is for Default and that it
 * "applies regardless of which choice rule matches". A last rule `{% true %}` is unambiguous.
 */
const contradictory = z
  .never('is documented in two ways; give it to a rule, the last with {% true %}')
  .optional();

export const choiceState = z.strictObject({
  Type: z.literal('Choice'),
  ...anyState,
  Output: contradictory,
  Assign: contradictory,
  Choices: z.array(choiceRule).min(1),
  Default: z.string().optional(),
});
export type ChoiceState = z.infer<typeof choiceState>;

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
  return { output: visit.input, next: state.Default };
}
