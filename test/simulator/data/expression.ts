import jsonata from 'jsonata';
import { copyOf, type Json, typeOf } from '../json.ts';
import { registerFunctions, type Source } from './functions.ts';

/** The evaluation returned nothing that JSON can represent; the sentence continues "The JSONata expression '…' …". */
export class EvaluationFailed extends Error {
  override readonly name = 'EvaluationFailed';
}

/**
 * Evaluates the text between `{%` and `%}`. There is no input document: `$` and bare names find nothing, state data is under
 * `$states` (developer guide, "Transforming data with JSONata"). "JSON cannot represent an undefined value", so that is an error.
 */
export async function evaluateExpression(
  text: string,
  bindings: Record<string, Json>,
  source: Source,
): Promise<Json> {
  const expression = jsonata(text);
  registerFunctions(expression, source);
  let value: unknown;
  try {
    value = await expression.evaluate(undefined, bindings);
  } catch (cause) {
    throw new EvaluationFailed(`threw an error: ${(cause as Error).message}`, { cause });
  }
  if (value === undefined) throw new EvaluationFailed('returned nothing (undefined)');
  // only functions remain, which JSON cannot represent
  if (typeOf(value) === 'function' || isLambda(value)) throw new EvaluationFailed('returned a function');
  return copyOf(value);
}

const isLambda = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value);
