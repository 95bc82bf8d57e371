import { type ConformanceCase, fails, graph, machine, succeeds } from './conformance-case.ts';

const give = (output: unknown, name: string) =>
  graph({ [name]: { Type: 'Pass', Output: output, End: true } });
const refuse = graph({ Refuse: { Type: 'Fail', Error: 'Refused', Cause: 'by the branch' } });

/** Developer guide, "Parallel workflow state"; spec, "Parallel State". */
export const parallelCases: readonly ConformanceCase[] = [
  {
    id: 'parallel-1',
    title: 'the results are in the order of the branches, whichever ends first',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [
          graph({ Slow: { Type: 'Wait', Seconds: 9, Output: 'slow', End: true } }),
          graph({ Fast: { Type: 'Wait', Seconds: 1, Output: 'fast', End: true } }),
        ],
        End: true,
      },
    }),
    expected: succeeds(['slow', 'fast']),
  },
  {
    id: 'parallel-2',
    title: 'every branch gets the input of the state',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [give('{% $states.input.n + 1 %}', 'Next'), give('{% $states.input.n - 1 %}', 'Previous')],
        End: true,
      },
    }),
    input: { n: 5 },
    expected: succeeds([6, 4]),
  },
  {
    id: 'parallel-3',
    title: 'Arguments replace the input of every branch',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n * 10 %}' },
        Branches: [give('{% $states.input.n %}', 'One'), give('{% $states.input.n + 1 %}', 'Two')],
        End: true,
      },
    }),
    input: { n: 5 },
    expected: succeeds([50, 51]),
  },
  {
    id: 'parallel-4',
    title: 'Output of a Parallel shapes the array of results',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [give('a', 'One'), give('b', 'Two')],
        Output: { first: '{% $states.result[0] %}', second: '{% $states.result[1] %}' },
        End: true,
      },
    }),
    expected: succeeds({ first: 'a', second: 'b' }),
  },
  {
    id: 'parallel-5',
    title: 'a failing branch fails the Parallel with its own error',
    definition: machine({ Both: { Type: 'Parallel', Branches: [give(1, 'One'), refuse], End: true } }),
    expected: fails('Refused', 'by the branch'),
  },
  {
    id: 'parallel-6',
    title: 'the catchers of a Parallel see the error of the branch that failed',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [give(1, 'One'), refuse],
        Catch: [
          { ErrorEquals: ['Refused'], Output: { why: '{% $states.errorOutput.Cause %}' }, Next: 'Report' },
        ],
        Next: 'Report',
      },
      Report: { Type: 'Pass', End: true },
    }),
    expected: succeeds({ why: 'by the branch' }),
  },
  {
    id: 'parallel-7',
    title: 'a Parallel that is retried runs its branches again',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [refuse],
        Retry: [{ ErrorEquals: ['Refused'], MaxAttempts: 2 }],
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Output: { retries: '{% $states.context.State.RetryCount %}' },
            Next: 'Tell',
          },
        ],
        Next: 'Tell',
      },
      Tell: { Type: 'Pass', End: true },
    }),
    expected: succeeds({ retries: 2 }),
  },
  {
    id: 'parallel-8',
    title: 'two branches may give the same name to variables of their own',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [
          graph({
            KeepOne: { Type: 'Pass', Assign: { mine: 1 }, Next: 'RestOne' },
            RestOne: { Type: 'Wait', Seconds: 2, Next: 'TellOne' },
            TellOne: { Type: 'Pass', Output: '{% $mine %}', End: true },
          }),
          graph({
            KeepTwo: { Type: 'Pass', Assign: { mine: 2 }, Next: 'TellTwo' },
            TellTwo: { Type: 'Pass', Output: '{% $mine %}', End: true },
          }),
        ],
        End: true,
      },
    }),
    expected: succeeds([1, 2]),
  },
];
