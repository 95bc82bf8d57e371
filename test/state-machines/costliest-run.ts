import type { StateDefinition, StateGraph } from './machine-under-test.ts';

/** The cost of a run, in seconds or in events. */
export interface Costs {
  /** The worst-case cost of a single state. */
  of(state: StateDefinition): number;
  /** The cost of all iterations of a Map, given the cost of one. */
  iterations(state: StateDefinition, each: number): number;
}

/** The exit of a loop that counts its rounds, as the first rule: `{% $rounds >= 15 %}`. */
const WAY_OUT = /^\{% \$(\w+) >= (\d+) %\}$/;

/**
 * The maximum cost of any run through a graph. Every loop must pass a Choice whose first rule exits it after this many
 * rounds, and a state that counts the rounds.
 *
 * @throws Error for a loop without a limit
 */
export function costliest(graph: StateGraph, costs: Costs): number {
  const { StartAt } = graph;
  const gates = new Map<string, number>();
  for (const [name, { Choices }] of Object.entries(graph.States)) {
    const [, counter = '', rounds] = WAY_OUT.exec(Choices?.[0]?.Condition ?? '') ?? [];
    if (rounds === undefined) continue;
    gates.set(name, Number(rounds));
    expectNoLoop(graph, new Set(countersOf(graph, counter)), name);
  }
  expectNoLoop(graph, new Set(gates.keys()));

  /** The costliest path from a state to the end or, if there is a goal, back to it. A gate is passed once. */
  function from(name: string, goal: string | null, passed: readonly string[]): number {
    if (passed.includes(name)) return name === goal ? 0 : Number.NEGATIVE_INFINITY;
    const state = stateOf(graph, name);
    const gate = gates.get(name);
    const next = transitions(state).map((to) =>
      from(to, goal, gate === undefined ? passed : [...passed, name]),
    );
    const onwards = next.length > 0 ? Math.max(...next) : goal === null ? 0 : Number.NEGATIVE_INFINITY;
    const rounds = gate === undefined || goal !== null ? 0 : gate * Math.max(0, from(name, name, []));
    const inside = state.ItemProcessor ? costs.iterations(state, costliest(state.ItemProcessor, costs)) : 0;
    return costs.of(state) + inside + rounds + onwards;
  }

  return from(StartAt, null, []);
}

/** Where a state may lead. */
export function transitions({ Next, Default, Choices = [], Catch = [] }: StateDefinition): string[] {
  const all = [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((catcher) => catcher.Next)];
  return all.filter((next) => next !== undefined);
}

function stateOf({ States }: StateGraph, name: string): StateDefinition {
  const state = States[name];
  if (!state) throw new Error(`there is no state '${name}'`);
  return state;
}

/**
 * Throws if a run could reach a state again without passing one of these.
 *
 * @param only look at the loops of this state alone: another loop has a counter of its own
 */
function expectNoLoop(graph: StateGraph, without: ReadonlySet<string>, only?: string): void {
  const follow = (name: string, path: readonly string[]): void => {
    if (without.has(name)) return;
    if (path.includes(name) && (only === undefined || name === only))
      throw new Error(`nothing ends the loop ${[...path.slice(path.indexOf(name)), name].join(' → ')}`);
    if (path.includes(name)) return;
    for (const next of transitions(stateOf(graph, name))) follow(next, [...path, name]);
  };
  for (const name of only === undefined ? Object.keys(graph.States) : [only]) follow(name, []);
}

/**
 * The states that add one to a variable after their work;
 * none if any other value than 0 is assigned to it elsewhere.
 */
function countersOf({ States }: StateGraph, variable: string): string[] {
  const raised = `{% $${variable} + 1 %}`;
  const counters: string[] = [];
  for (const [name, { Assign = {}, Catch = [], Choices = [] }] of Object.entries(States)) {
    if (Assign[variable] === raised) counters.push(name);
    const values = [Assign, ...[...Catch, ...Choices].map((part) => part.Assign ?? {})].map(
      (all) => all[variable],
    );
    if (values.some((value) => ![undefined, 0, raised].includes(value as never))) return [];
  }
  return counters;
}
