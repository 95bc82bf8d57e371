import type { State, StateGraph } from './state-graph.ts';

/** The graphs inside a state: the branches of a Parallel, the ItemProcessor of a Map, else none. */
export function graphsWithin(state: State): { graph: StateGraph; keys: readonly PropertyKey[] }[] {
  if (state.Type === 'Map') return [{ graph: state.ItemProcessor, keys: ['ItemProcessor'] }];
  if (state.Type !== 'Parallel') return [];
  return state.Branches.map((graph, index) => ({ graph, keys: ['Branches', index] }));
}

/** Every state of a machine, including those of its branches and iterations, with its path in the file. */
export function* everyState(
  graph: StateGraph,
  keys: readonly PropertyKey[] = [],
): Generator<{ name: string; state: State; keys: readonly PropertyKey[] }> {
  for (const [name, state] of Object.entries(graph.States)) {
    const here = [...keys, 'States', name];
    yield { name, state, keys: here };
    for (const inner of graphsWithin(state)) yield* everyState(inner.graph, [...here, ...inner.keys]);
  }
}
