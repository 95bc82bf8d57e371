import { lambdaThrows, ok } from '../script.ts';
import { type ConformanceCase, fails, machine, succeeds, task } from './conformance-case.ts';

const busy = lambdaThrows('Busy', 'try later');
const broken = lambdaThrows('Broken', 'for good');
const load = (fields: object) => machine({ Load: task({ ...fields, End: true }) });
/** Ends with the number of retries, so that a case shows how many attempts the task had. */
const loadAndCount = (retry: object[]) =>
  machine({
    Load: task({
      Retry: retry,
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Output: { retries: '{% $states.context.State.RetryCount %}' },
          Next: 'Tell',
        },
      ],
      Next: 'Tell',
    }),
    Tell: { Type: 'Pass', End: true },
  });

/** Developer guide, "Retrying after an error"; spec, "Retrying after error". */
export const retryCases: readonly ConformanceCase[] = [
  {
    id: 'retry-1',
    title: 'a task that fails for a while and then succeeds has succeeded',
    definition: load({ Retry: [{ ErrorEquals: ['Busy'] }] }),
    tasks: { Load: [busy, busy, ok({ rows: 7 })] },
    expected: succeeds({ rows: 7 }),
  },
  {
    id: 'retry-2',
    title: 'an exhausted retrier lets the last error through',
    definition: load({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }] }),
    tasks: { Load: [busy, busy] },
    expected: fails('Busy'),
  },
  {
    id: 'retry-3',
    title: 'MaxAttempts is three when nothing is said',
    definition: loadAndCount([{ ErrorEquals: ['Busy'] }]),
    tasks: { Load: [busy, busy, busy, busy] },
    expected: succeeds({ retries: 3 }),
  },
  {
    id: 'retry-4',
    title: 'MaxAttempts 0 means never',
    definition: load({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 0 }] }),
    tasks: { Load: [busy] },
    expected: fails('Busy'),
  },
  {
    id: 'retry-5',
    title: 'MaxAttempts 0 keeps an error from a later wildcard',
    definition: load({
      Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }],
    }),
    tasks: { Load: [broken] },
    expected: fails('Broken'),
  },
  {
    id: 'retry-6',
    title: 'an error that no retrier names is not retried',
    definition: load({ Retry: [{ ErrorEquals: ['Busy'] }] }),
    tasks: { Load: [broken] },
    expected: fails('Broken'),
  },
  {
    id: 'retry-7',
    title: 'the first retrier that matches decides, though it allows less than a later one',
    definition: loadAndCount([
      { ErrorEquals: ['Other', 'Busy'], MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 5 },
    ]),
    tasks: { Load: [busy, busy] },
    expected: succeeds({ retries: 1 }),
  },
  {
    id: 'retry-8',
    title: 'each retrier counts its own retries',
    definition: loadAndCount([
      { ErrorEquals: ['Busy'], MaxAttempts: 1 },
      { ErrorEquals: ['Broken'], MaxAttempts: 1 },
    ]),
    tasks: { Load: [busy, broken, busy] },
    expected: succeeds({ retries: 2 }),
  },
  {
    id: 'retry-9',
    title: 'States.ALL retries what the retriers before it do not name',
    definition: load({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }] }),
    tasks: { Load: [broken, ok('loaded')] },
    expected: succeeds('loaded'),
  },
  {
    id: 'retry-10',
    title: 'States.TaskFailed retries an error of any name',
    definition: load({ Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }),
    tasks: { Load: [busy, broken, ok('loaded')] },
    expected: succeeds('loaded'),
  },
  {
    id: 'retry-11',
    title: 'Arguments are evaluated again for each attempt',
    definition: load({
      Arguments: { attempt: '{% $states.context.State.RetryCount + 1 %}' },
      Retry: [
        { ErrorEquals: ['States.QueryEvaluationError', 'Busy'], IntervalSeconds: 30, BackoffRate: 1.5 },
      ],
      Output: '{% $states.context.State.RetryCount %}',
    }),
    tasks: { Load: [busy, busy, ok()] },
    expected: succeeds(2),
  },
  {
    id: 'retry-12',
    title: 'a query that fails after the task is retried too, and runs the task again',
    definition: load({
      Output: '{% $states.result.rows %}',
      Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
    }),
    tasks: { Load: [ok({}), ok({ rows: 3 })] },
    expected: succeeds(3),
  },
];
