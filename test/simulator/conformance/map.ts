import { lambdaThrows } from '../script.ts';
import { type ConformanceCase, ECHO, fails, graph, machine, succeeds, task } from './conformance-case.ts';

const same = graph({ Same: { Type: 'Pass', End: true } });
/** Fails for item 2 and returns every other item. */
const pickyAboutTwo = graph({
  Ask: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'Refuse' }],
    Default: 'Accept',
  },
  Refuse: { Type: 'Fail', Error: 'TwoRefused', Cause: 'two is refused' },
  Accept: { Type: 'Pass', End: true },
});

/** Developer guide, "Map workflow state" and "Using Map state in Inline mode"; spec, "Map State". */
export const mapCases: readonly ConformanceCase[] = [
  {
    id: 'map-1',
    title: 'each item of Items is the input of its iteration, and the results keep its order',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: '{% $states.input.numbers %}',
        ItemProcessor: graph({ Double: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } }),
        End: true,
      },
    }),
    input: { numbers: [3, 1, 2] },
    expected: succeeds([6, 2, 4]),
  },
  {
    id: 'map-2',
    title: 'ItemSelector sees the item in the context and the input of the Map in $states.input',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: '{% $states.input.names %}',
        ItemSelector: {
          index: '{% $states.context.Map.Item.Index %}',
          name: '{% $states.context.Map.Item.Value %}',
          run: '{% $states.input.run %}',
        },
        ItemProcessor: same,
        End: true,
      },
    }),
    input: { names: ['a', 'b'], run: 'r-1' },
    expected: succeeds([
      { index: 0, name: 'a', run: 'r-1' },
      { index: 1, name: 'b', run: 'r-1' },
    ]),
  },
  {
    id: 'map-3',
    title: 'the states of an iteration see their item in the context',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: ['a', 'b'],
        ItemProcessor: graph({ Tell: { Type: 'Pass', Output: '{% $states.context.Map.Item %}', End: true } }),
        End: true,
      },
    }),
    expected: succeeds([
      { Index: 0, Value: 'a' },
      { Index: 1, Value: 'b' },
    ]),
  },
  {
    id: 'map-4',
    title: 'without Items a Map takes its input',
    definition: machine({ Each: { Type: 'Map', ItemProcessor: same, End: true } }),
    input: [1, 2],
    expected: succeeds([1, 2]),
  },
  {
    id: 'map-5',
    title: 'no items give an empty result',
    definition: machine({ Each: { Type: 'Map', Items: [], ItemProcessor: same, End: true } }),
    expected: succeeds([]),
  },
  {
    id: 'map-6',
    title: 'results keep the order of the items when one iteration runs at a time',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [3, 1, 2],
        MaxConcurrency: 1,
        ItemProcessor: graph({ Rest: { Type: 'Wait', Seconds: '{% $states.input %}', End: true } }),
        End: true,
      },
    }),
    expected: succeeds([3, 1, 2]),
  },
  {
    id: 'map-7',
    title:
      'MaxConcurrency may be an expression, and later iterations may end first without changing the order',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [4, 1, 3, 2],
        MaxConcurrency: '{% $states.input.atOnce %}',
        ItemProcessor: graph({ Rest: { Type: 'Wait', Seconds: '{% $states.input %}', End: true } }),
        End: true,
      },
    }),
    input: { atOnce: 2 },
    expected: succeeds([4, 1, 3, 2]),
  },
  {
    id: 'map-8',
    title: 'one failing item fails the Map with its own error',
    definition: machine({ Each: { Type: 'Map', Items: [1, 2, 3], ItemProcessor: pickyAboutTwo, End: true } }),
    expected: fails('TwoRefused', 'two is refused'),
  },
  {
    id: 'map-9',
    title: 'the catchers of a Map see the error of the item that failed',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        ItemProcessor: pickyAboutTwo,
        Catch: [{ ErrorEquals: ['TwoRefused'], Next: 'Report' }],
        Next: 'Report',
      },
      Report: { Type: 'Pass', End: true },
    }),
    expected: succeeds({ Error: 'TwoRefused', Cause: 'two is refused' }),
  },
  {
    id: 'map-10',
    title: 'an iteration that catches its own failure does not fail the Map',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 'x'],
        ItemProcessor: graph({
          Double: task({
            Arguments: { double: '{% $states.input * 2 %}' },
            Output: '{% $states.result.double %}',
            Catch: [{ ErrorEquals: ['States.ALL'], Output: 'no number', Next: 'Keep' }],
            Next: 'Keep',
          }),
          Keep: { Type: 'Pass', End: true },
        }),
        End: true,
      },
    }),
    tasks: { Double: ECHO },
    expected: succeeds([2, 'no number']),
  },
  {
    id: 'map-11',
    title: 'Items that are no array are a query error',
    definition: machine({
      Each: { Type: 'Map', Items: '{% $states.input.n %}', ItemProcessor: same, End: true },
    }),
    input: { n: 3 },
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'map-12',
    title: 'Output of a Map shapes the array of results',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        ItemProcessor: same,
        Output: { sum: '{% $sum($states.result) %}', of: '{% $states.input.of %}' },
        End: true,
      },
    }),
    input: { of: 'tables' },
    expected: succeeds({ sum: 6, of: 'tables' }),
  },
  {
    id: 'map-13',
    title: 'a Map that is retried runs all its items again',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: pickyAboutTwo,
        Retry: [{ ErrorEquals: ['TwoRefused'], MaxAttempts: 1 }],
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
    expected: succeeds({ retries: 1 }),
  },
  {
    id: 'map-14',
    title: 'a catcher within an iteration sees its item in the context',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [{ share: 7 }],
        ItemProcessor: graph({
          Work: task({
            Catch: [
              {
                ErrorEquals: ['States.ALL'],
                Output: {
                  error: '{% $states.errorOutput.Error %}',
                  item: '{% $states.context.Map.Item.Value %}',
                },
                Next: 'Keep',
              },
            ],
            Next: 'Keep',
          }),
          Keep: { Type: 'Pass', End: true },
        }),
        End: true,
      },
    }),
    tasks: { Work: [lambdaThrows('Died', 'out of memory')] },
    expected: succeeds([{ error: 'Died', item: { share: 7 } }]),
  },
  {
    id: 'map-15',
    title: 'the result of one iteration is a list of one, also where it becomes part of an object',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [{ max: 3 }],
        ItemProcessor: same,
        Assign: {
          whole: '{% $states.result %}',
          within: "{% $merge([{}, {'list': $states.result}]) %}",
          some: '{% [$states.result[max > 0].max] %}',
          none: '{% [$states.result[max > 5].max] %}',
        },
        Next: 'Tell',
      },
      Tell: {
        Type: 'Pass',
        Output: { whole: '{% $whole %}', within: '{% $within %}', some: '{% $some %}', none: '{% $none %}' },
        End: true,
      },
    }),
    expected: succeeds({ whole: [{ max: 3 }], within: { list: [{ max: 3 }] }, some: [3], none: [] }),
  },
  {
    id: 'map-16',
    title: 'an inline Map may name tolerated failures',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: same,
        ToleratedFailureCount: 1,
        ToleratedFailurePercentage: 50,
        End: true,
      },
    }),
    expected: succeeds([1]),
  },
];
