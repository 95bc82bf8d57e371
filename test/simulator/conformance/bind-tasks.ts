import type { CaseTasks, ConformanceCase } from './conformance-case.ts';

type Definition = ConformanceCase['definition'];
type Fields = Record<string, unknown>;

/**
 * Binds every Task of a case to the function that plays scripts. The function receives the script, the attempt number and
 * the arguments that the case gives the task.
 */
export function bindTasks(definition: Definition, tasks: CaseTasks, functionArn: string): Definition {
  const bindGraph = (graph: Definition): Definition => ({
    ...graph,
    States: Object.fromEntries(
      Object.entries(graph.States).map(([name, state]) => [name, bindState(name, { ...state })]),
    ),
  });
  const bindState = (name: string, state: Fields): Fields => {
    if (state.Type === 'Map')
      return { ...state, ItemProcessor: bindGraph(state.ItemProcessor as Definition) };
    if (state.Type === 'Parallel')
      return { ...state, Branches: (state.Branches as Definition[]).map(bindGraph) };
    if (state.Type !== 'Task') return state;
    const Arguments = {
      script: tasks[name],
      attempt: '{% $states.context.State.RetryCount %}',
      given: state.Arguments ?? '{% $states.input %}',
    };
    return { ...state, Resource: functionArn, Arguments };
  };
  return bindGraph(definition);
}
