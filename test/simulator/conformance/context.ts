import { lambdaThrows, ok } from '../script.ts';
import { type ConformanceCase, graph, machine, succeeds, task } from './conformance-case.ts';

const tell = (output: unknown) => machine({ Tell: { Type: 'Pass', Output: output, End: true } });

/** Developer guide, "Accessing execution data from the Context object in Step Functions". */
export const contextCases: readonly ConformanceCase[] = [
  {
    id: 'context-1',
    title: 'the context knows the input of the execution, though states have replaced it',
    definition: machine({
      Forget: { Type: 'Pass', Output: {}, Next: 'Tell' },
      Tell: { Type: 'Pass', Output: '{% $states.context.Execution.Input %}', End: true },
    }),
    input: { run: 'r-1' },
    expected: succeeds({ run: 'r-1' }),
  },
  {
    id: 'context-2',
    title: 'the execution is known by its name, which ends its ARN',
    definition: tell(
      "{% $split($states.context.Execution.Id, ':')[-1] = $states.context.Execution.Name and $contains($states.context.Execution.Id, $states.context.StateMachine.Name) %}",
    ),
    expected: succeeds(true),
  },
  {
    id: 'context-3',
    title: 'a state knows its own name, and that it was not retried',
    definition: tell({
      name: '{% $states.context.State.Name %}',
      retries: '{% $states.context.State.RetryCount %}',
    }),
    expected: succeeds({ name: 'Tell', retries: 0 }),
  },
  {
    id: 'context-4',
    title: 'a state is entered no earlier than the execution started',
    definition: tell(
      '{% $toMillis($states.context.State.EnteredTime) >= $toMillis($states.context.Execution.StartTime) %}',
    ),
    expected: succeeds(true),
  },
  {
    id: 'context-5',
    title: 'RetryCount counts the retries of the state, and starts anew in the next',
    definition: machine({
      Load: task({
        Retry: [{ ErrorEquals: ['Busy'] }],
        Output: '{% $states.context.State.RetryCount %}',
        Next: 'Tell',
      }),
      Tell: {
        Type: 'Pass',
        Output: ['{% $states.input %}', '{% $states.context.State.RetryCount %}'],
        End: true,
      },
    }),
    tasks: { Load: [lambdaThrows('Busy'), ok()] },
    expected: succeeds([1, 0]),
  },
  {
    id: 'context-6',
    title: 'there is no Map in the context outside of one',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: graph({ Same: { Type: 'Pass', End: true } }),
        Next: 'Tell',
      },
      Tell: { Type: 'Pass', Output: '{% $exists($states.context.Map) %}', End: true },
    }),
    expected: succeeds(false),
  },
  {
    id: 'context-7',
    title: 'the role of the execution is in the context',
    definition: tell("{% $contains($states.context.Execution.RoleArn, ':role/') %}"),
    expected: succeeds(true),
  },
];
