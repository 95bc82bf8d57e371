import type { State, StateGraph } from './state-graph.ts';
import { jsonPath, UnsupportedAsl } from './unsupported-asl.ts';
import { graphsWithin } from './walk.ts';

/** The names a state assigns, in its own Assign and in those of its rules and catchers. */
function assignedBy(state: State): string[] {
  const places = [
    'Assign' in state ? state.Assign : undefined,
    ...('Choices' in state ? state.Choices.map((rule) => rule.Assign) : []),
    ...('Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Assign) : []),
  ];
  return places.flatMap((names) => Object.keys(names ?? {}));
}

/**
 * A branch or iteration reads outer variables but cannot assign them. An inner scope cannot reuse a name of an outer scope.
 * Such a definition is refused when the machine is created (developer guide, "Passing data between states
 * with variables", scope).
 */
export function checkVariableScopes(
  graph: StateGraph,
  keys: readonly PropertyKey[] = [],
  outer: ReadonlySet<string> = new Set(),
): void {
  const own = new Set(outer);
  for (const [name, state] of Object.entries(graph.States)) {
    for (const variable of assignedBy(state)) {
      if (outer.has(variable)) {
        throw new UnsupportedAsl(
          jsonPath([...keys, 'States', name]),
          `$${variable} belongs to an outer scope and cannot be assigned here`,
        );
      }
      own.add(variable);
    }
  }
  for (const [name, state] of Object.entries(graph.States)) {
    for (const inner of graphsWithin(state))
      checkVariableScopes(inner.graph, [...keys, 'States', name, ...inner.keys], own);
  }
}
