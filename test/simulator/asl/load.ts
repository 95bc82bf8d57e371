import { checkExpressions } from './expressions.ts';
import { type Machine, machine } from './state-graph.ts';
import { type Substitutions, substitute } from './substitutions.ts';
import { checkTransitions } from './transitions.ts';
import { jsonPath, UnsupportedAsl } from './unsupported-asl.ts';
import { checkVariableScopes } from './variable-scopes.ts';

/**
 * Reads a definition that this interpreter fully implements.
 * Otherwise throws {@link UnsupportedAsl} with the first unsupported place.
 */
export function load(definition: unknown, substitutions: Substitutions = {}): Machine {
  const resolved = substitute(definition, substitutions);
  const parsed = machine.safeParse(resolved);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UnsupportedAsl(jsonPath(issue?.path ?? []), issue?.message ?? 'is no definition');
  }
  checkTransitions(parsed.data);
  checkVariableScopes(parsed.data);
  checkExpressions(resolved);
  return parsed.data;
}
