import { lambdaThrows, ok } from '../script.ts';
import { type ConformanceCase, fails, machine, succeeds, task } from './conformance-case.ts';

const broken = lambdaThrows('Broken', 'for good');
const message = '{% $parse($states.errorOutput.Cause).errorMessage %}';
const load = (fields: object, catchers: object[]) =>
  machine({
    Load: task({ ...fields, Catch: catchers, Next: 'Loaded' }),
    Loaded: { Type: 'Pass', Output: 'loaded', End: true },
    Report: { Type: 'Pass', End: true },
  });

/** Developer guide, "Fallback states"; spec, "Fallback states". */
export const catchCases: readonly ConformanceCase[] = [
  {
    id: 'catch-1',
    title: 'without Output a catcher hands on the error output',
    definition: machine({
      Load: task({ Catch: [{ ErrorEquals: ['Broken'], Next: 'Report' }], Next: 'Report' }),
      Report: {
        Type: 'Pass',
        Output: { fields: '{% $sort($keys($states.input)) %}', error: '{% $states.input.Error %}' },
        End: true,
      },
    }),
    tasks: { Load: [broken] },
    expected: succeeds({ fields: ['Cause', 'Error'], error: 'Broken' }),
  },
  {
    id: 'catch-2',
    title: 'the first catcher that matches decides',
    definition: load({}, [
      { ErrorEquals: ['Other'], Output: 'other', Next: 'Report' },
      { ErrorEquals: ['Another', 'Broken'], Output: 'named', Next: 'Report' },
      { ErrorEquals: ['States.ALL'], Output: 'all', Next: 'Report' },
    ]),
    tasks: { Load: [broken] },
    expected: succeeds('named'),
  },
  {
    id: 'catch-3',
    title: 'States.ALL catches what the catchers before it do not name',
    definition: load({}, [
      { ErrorEquals: ['Other'], Output: 'other', Next: 'Report' },
      { ErrorEquals: ['States.ALL'], Output: { why: message }, Next: 'Report' },
    ]),
    tasks: { Load: [broken] },
    expected: succeeds({ why: 'for good' }),
  },
  {
    id: 'catch-4',
    title: 'States.TaskFailed catches an error of any name',
    definition: load({}, [{ ErrorEquals: ['States.TaskFailed'], Output: 'caught', Next: 'Report' }]),
    tasks: { Load: [broken] },
    expected: succeeds('caught'),
  },
  {
    id: 'catch-5',
    title: 'an error that no catcher names fails the execution',
    definition: load({}, [{ ErrorEquals: ['Other'], Next: 'Report' }]),
    tasks: { Load: [broken] },
    expected: fails('Broken'),
  },
  {
    id: 'catch-6',
    title: 'a catcher sees the error of the last attempt',
    definition: load({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }, [
      { ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'Report' },
    ]),
    tasks: { Load: [broken, lambdaThrows('BrokenAgain')] },
    expected: succeeds('BrokenAgain'),
  },
  {
    id: 'catch-7',
    title: 'a catcher assigns from the error output, and the Assign of the state does not happen',
    definition: machine({
      Load: task({
        Assign: { loaded: true },
        Catch: [{ ErrorEquals: ['Broken'], Assign: { reason: message }, Output: 'caught', Next: 'Tell' }],
        Next: 'Tell',
      }),
      Tell: {
        Type: 'Pass',
        Output: { input: '{% $states.input %}', reason: '{% $reason %}', loaded: '{% $exists($loaded) %}' },
        End: true,
      },
    }),
    tasks: { Load: [broken] },
    expected: succeeds({ input: 'caught', reason: 'for good', loaded: false }),
  },
  {
    id: 'catch-8',
    title: 'the Output of a catcher still sees the input of the state',
    definition: load({}, [
      {
        ErrorEquals: ['Broken'],
        Output: { run: '{% $states.input.run %}', error: '{% $states.errorOutput.Error %}' },
        Next: 'Report',
      },
    ]),
    input: { run: 'r-1' },
    tasks: { Load: [broken] },
    expected: succeeds({ run: 'r-1', error: 'Broken' }),
  },
  {
    id: 'catch-9',
    title: 'a query that fails in Arguments is caught by its name',
    definition: load({ Arguments: { id: '{% $states.input.missing %}' } }, [
      {
        ErrorEquals: ['States.QueryEvaluationError'],
        Output: '{% $states.errorOutput.Error %}',
        Next: 'Report',
      },
    ]),
    tasks: { Load: [] },
    expected: succeeds('States.QueryEvaluationError'),
  },
  {
    id: 'catch-10',
    title: 'a query that fails in Output is caught by States.ALL, though the task has succeeded',
    definition: load({ Output: '{% $states.result.missing %}' }, [
      { ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'Report' },
    ]),
    tasks: { Load: [ok({})] },
    expected: succeeds('States.QueryEvaluationError'),
  },
  {
    id: 'catch-11',
    title: 'a query that fails in a catcher is not caught by the catchers beside it',
    definition: load({}, [
      { ErrorEquals: ['Broken'], Output: '{% $states.input.missing %}', Next: 'Report' },
      { ErrorEquals: ['States.ALL'], Output: 'all', Next: 'Report' },
    ]),
    tasks: { Load: [broken] },
    expected: fails('States.QueryEvaluationError'),
  },
];
