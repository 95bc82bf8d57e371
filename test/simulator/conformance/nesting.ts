import { lambdaThrows } from '../script.ts';
import { type ConformanceCase, ECHO, fails, graph, machine, succeeds, task } from './conformance-case.ts';

/** Nested states; developer guide, "Parallel workflow state" and "Map workflow state". */
export const nestingCases: readonly ConformanceCase[] = [
  {
    id: 'nesting-1',
    title: 'a Map within a Map sees the item of the inner one',
    definition: machine({
      Rows: {
        Type: 'Map',
        Items: [[1, 2], [3]],
        ItemProcessor: graph({
          Cells: {
            Type: 'Map',
            Items: '{% $states.input %}',
            ItemProcessor: graph({
              Tell: { Type: 'Pass', Output: '{% $states.context.Map.Item.Value * 10 %}', End: true },
            }),
            End: true,
          },
        }),
        End: true,
      },
    }),
    expected: succeeds([[10, 20], [30]]),
  },
  {
    id: 'nesting-2',
    title: 'a Parallel within a Map gives an array for each item',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: graph({
          Both: {
            Type: 'Parallel',
            Branches: [
              graph({ Same: { Type: 'Pass', End: true } }),
              graph({ Square: task({ Arguments: '{% $states.input * $states.input %}', End: true }) }),
            ],
            End: true,
          },
        }),
        End: true,
      },
    }),
    tasks: { Square: ECHO },
    expected: succeeds([
      [1, 1],
      [2, 4],
    ]),
  },
  {
    id: 'nesting-3',
    title: 'an error climbs through every state that does not catch it',
    definition: machine({
      Outer: {
        Type: 'Parallel',
        Branches: [
          graph({
            Each: {
              Type: 'Map',
              Items: [1],
              ItemProcessor: graph({
                Load: task({ Catch: [{ ErrorEquals: ['Other'], Next: 'Keep' }], Next: 'Keep' }),
                Keep: { Type: 'Pass', End: true },
              }),
              Catch: [{ ErrorEquals: ['Other'], Next: 'Instead' }],
              Next: 'Instead',
            },
            Instead: { Type: 'Pass', End: true },
          }),
        ],
        Catch: [{ ErrorEquals: ['Broken'], Output: 'at the top', Next: 'Tell' }],
        Next: 'Tell',
      },
      Tell: { Type: 'Pass', End: true },
    }),
    tasks: { Load: [lambdaThrows('Broken')] },
    expected: succeeds('at the top'),
  },
  {
    id: 'nesting-4',
    title: 'an inner catcher takes the error before an outer one sees it',
    definition: machine({
      Outer: {
        Type: 'Parallel',
        Branches: [
          graph({
            Load: task({
              Catch: [{ ErrorEquals: ['States.ALL'], Output: 'inside', Next: 'Keep' }],
              Next: 'Keep',
            }),
            Keep: { Type: 'Pass', End: true },
          }),
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: 'outside', Next: 'Tell' }],
        Next: 'Tell',
      },
      Tell: { Type: 'Pass', End: true },
    }),
    tasks: { Load: [lambdaThrows('Broken')] },
    expected: succeeds(['inside']),
  },
  {
    id: 'nesting-5',
    title: 'a Choice that matches nothing within a branch fails the Parallel around it',
    definition: machine({
      Outer: {
        Type: 'Parallel',
        Branches: [
          graph({
            Ask: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.yes %}', Next: 'Keep' }] },
            Keep: { Type: 'Pass', End: true },
          }),
        ],
        End: true,
      },
    }),
    input: { yes: false },
    expected: fails('States.NoChoiceMatched'),
  },
  {
    id: 'nesting-6',
    title: 'a variable of an iteration is read by the states within it',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: ['a', 'b'],
        ItemProcessor: graph({
          Keep: { Type: 'Pass', Assign: { letter: '{% $states.input %}' }, Next: 'Both' },
          Both: {
            Type: 'Parallel',
            Branches: [graph({ Tell: { Type: 'Pass', Output: '{% $letter %}', End: true } })],
            End: true,
          },
        }),
        End: true,
      },
    }),
    expected: succeeds([['a'], ['b']]),
  },
];
