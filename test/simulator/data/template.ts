import { isExpression } from '../asl/fields.ts';
import { StateFailure } from '../errors/state-failure.ts';
import { type Json, typeOf } from '../json.ts';
import type { Visit } from '../visit.ts';
import { contextOf } from './context.ts';
import { EvaluationFailed, evaluateExpression } from './expression.ts';

/** The fields of `$states` besides input and context: the result after a success, the error output in a catcher. */
export interface Extra {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

interface TypeNames {
  string: string;
  number: number;
  boolean: boolean;
  array: Json[];
}

/** A failure of a query, in the words of Step Functions: the state, and the event by which it was entered. */
export function queryError(visit: Visit, sentence: string): StateFailure {
  return new StateFailure(
    'States.QueryEvaluationError',
    `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredAsEvent}). ${sentence}`,
  );
}

/** Evaluates each expression within a field's value; everything else stays literal. */
export async function evaluate(
  template: Json,
  field: string,
  visit: Visit,
  extra: Extra = {},
): Promise<Json> {
  const { engine, frame, input } = visit;
  const states: Json = { input, context: contextOf(visit), ...extra };
  const bindings = { ...frame.variables.all(), states };
  const source = { now: engine.clock.now, random: engine.random };

  const fill = async (node: Json, place: string): Promise<Json> => {
    if (typeof node === 'string') return isExpression(node) ? query(node, place) : node;
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node))
      return inOrder(node.entries(), (item, index) => fill(item, `${place}[${index}]`));
    const values = await inOrder(Object.entries(node), (value, name) =>
      fill(value, `${place}/${name}`).then((it) => [name, it]),
    );
    return Object.fromEntries(values as [string, Json][]);
  };
  const query = async (node: string, place: string): Promise<Json> => {
    try {
      return await evaluateExpression(node.slice(2, -2), bindings, source);
    } catch (error) {
      if (!(error instanceof EvaluationFailed)) throw error;
      const text = node.slice(2, -2).trim();
      throw queryError(
        visit,
        `The JSONata expression '${text}' specified for the field '${place}' ${error.message}.`,
      );
    }
  };
  return fill(template, field);
}

/** Evaluates a field that must have one type; "an incorrectly typed result" is a query error (spec, appendix A). */
export async function evaluateAs<T extends keyof TypeNames>(
  type: T,
  template: Json,
  field: string,
  visit: Visit,
): Promise<TypeNames[T]> {
  const value = await evaluate(template, field, visit);
  if (typeOf(value) === type) return value as TypeNames[T];
  throw queryError(
    visit,
    `The field '${field}' must be of type ${type}, but was ${typeOf(value)}: ${JSON.stringify(value)}`,
  );
}

/** Sequential, so that seeded random numbers are drawn in the order of the definition. */
async function inOrder<K>(
  entries: Iterable<[K, Json]>,
  each: (value: Json, key: K) => Promise<Json>,
): Promise<Json[]> {
  const results: Json[] = [];
  for (const [key, value] of entries) results.push(await each(value, key));
  return results;
}
