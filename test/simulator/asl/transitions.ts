import type { State, StateGraph } from './state-graph.ts';
import { jsonPath, UnsupportedAsl } from './unsupported-asl.ts';
import { everyState, graphsWithin } from './walk.ts';

/** Each state that a state may lead to, with the path of the field that says so. */
export function transitionsOf(state: State): { to: string; keys: readonly PropertyKey[] }[] {
  const found: { to: string | undefined; keys: readonly PropertyKey[] }[] = [];
  if ('Next' in state) found.push({ to: state.Next, keys: ['Next'] });
  if ('Default' in state) found.push({ to: state.Default, keys: ['Default'] });
  const rules = 'Choices' in state ? state.Choices : [];
  found.push(...rules.map((rule, index) => ({ to: rule.Next, keys: ['Choices', index, 'Next'] })));
  const catchers = 'Catch' in state ? (state.Catch ?? []) : [];
  found.push(...catchers.map((catcher, index) => ({ to: catcher.Next, keys: ['Catch', index, 'Next'] })));
  return found.flatMap(({ to, keys }) => (to === undefined ? [] : [{ to, keys }]));
}

/**
 * Names are unique in the whole machine, transitions stay within their own graph, and every state is reachable. Each state
 * but Choice, Succeed and Fail has exactly one of Next and End (spec, "States" and "Transitions").
 */
export function checkTransitions(graph: StateGraph, keys: readonly PropertyKey[] = []): void {
  if (keys.length === 0) checkNames(graph);
  const reached = new Set<string>();
  const follow = (to: string, from: readonly PropertyKey[]): void => {
    const state = graph.States[to];
    if (state === undefined) throw new UnsupportedAsl(jsonPath(from), `there is no state '${to}' here`);
    if (reached.has(to)) return;
    reached.add(to);
    const here = [...keys, 'States', to];
    checkEnd(state, here);
    for (const next of transitionsOf(state)) follow(next.to, [...here, ...next.keys]);
    for (const inner of graphsWithin(state)) checkTransitions(inner.graph, [...here, ...inner.keys]);
  };
  follow(graph.StartAt, [...keys, 'StartAt']);
  const lost = Object.keys(graph.States).find((name) => !reached.has(name));
  if (lost !== undefined)
    throw new UnsupportedAsl(jsonPath([...keys, 'States', lost]), 'no transition leads here');
}

function checkEnd(state: State, keys: readonly PropertyKey[]): void {
  if (state.Type === 'Choice' || state.Type === 'Succeed' || state.Type === 'Fail') return;
  if ((state.Next === undefined) === (state.End === undefined)) {
    throw new UnsupportedAsl(jsonPath(keys), 'needs Next or End, and not both');
  }
}

function checkNames(graph: StateGraph): void {
  const names = new Set<string>();
  for (const { name, keys } of everyState(graph)) {
    if (names.has(name)) throw new UnsupportedAsl(jsonPath(keys), `a second state is called '${name}'`);
    names.add(name);
  }
}
