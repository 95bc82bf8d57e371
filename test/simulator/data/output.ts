import type { Json } from '../json.ts';
import type { Visit } from '../visit.ts';
import { type Extra, evaluate } from './template.ts';

interface OutputFields {
  readonly Output?: Json | undefined;
  readonly Assign?: Readonly<Record<string, Json>> | undefined;
}

/**
 * Ends a state, a Choice rule or a catcher: evaluates Output (or takes `otherwise`) and every value of Assign, and only then assigns.
 * Both see the variables as they were when the state was entered (spec, "Variables": new values count from the next state).
 */
export async function settle(
  fields: OutputFields,
  visit: Visit,
  otherwise: Json,
  extra: Extra = {},
): Promise<Json> {
  const output =
    fields.Output === undefined ? otherwise : await evaluate(fields.Output, 'Output', visit, extra);
  visit.engine.limit(output, `the Output of '${visit.name}'`);
  if (fields.Assign === undefined) return output;
  const values = await evaluate({ ...fields.Assign }, 'Assign', visit, extra);
  visit.engine.limit(values, `the variables assigned by '${visit.name}'`);
  visit.frame.variables.assign(values as Record<string, Json>);
  return output;
}
