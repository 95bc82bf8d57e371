import { ok } from '../script.ts';
import { type ConformanceCase, fails, machine, succeeds, task } from './conformance-case.ts';

const slow = ok('late', { after: 2 });

/** Developer guide, "Task workflow state", TimeoutSeconds; spec, "Timeouts and heartbeats". */
export const timeoutCases: readonly ConformanceCase[] = [
  {
    id: 'timeout-1',
    title: 'a task that runs longer than TimeoutSeconds fails with States.Timeout',
    definition: machine({ Load: task({ TimeoutSeconds: 1, End: true }) }),
    tasks: { Load: [slow] },
    expected: fails('States.Timeout'),
  },
  {
    id: 'timeout-2',
    title: 'States.TaskFailed does not catch a timeout',
    definition: machine({
      Load: task({
        TimeoutSeconds: 1,
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Output: 'failed', Next: 'Tell' },
          { ErrorEquals: ['States.Timeout'], Output: 'timed out', Next: 'Tell' },
        ],
        Next: 'Tell',
      }),
      Tell: { Type: 'Pass', End: true },
    }),
    tasks: { Load: [slow] },
    expected: succeeds('timed out'),
  },
  {
    id: 'timeout-3',
    title: 'each attempt has the whole of TimeoutSeconds',
    definition: machine({
      Load: task({ TimeoutSeconds: 1, Retry: [{ ErrorEquals: ['States.Timeout'] }], End: true }),
    }),
    tasks: { Load: [slow, ok('in time')] },
    expected: succeeds('in time'),
  },
  {
    id: 'timeout-4',
    title: 'a machine that runs longer than its own TimeoutSeconds has timed out',
    definition: machine({ Load: task({ End: true }) }, { TimeoutSeconds: 1 }),
    tasks: { Load: [slow] },
    expected: { status: 'TIMED_OUT', error: 'States.Timeout' },
  },
  {
    id: 'timeout-5',
    title: 'TimeoutSeconds may be an expression',
    definition: machine({ Load: task({ TimeoutSeconds: '{% $states.input.limit %}', End: true }) }),
    input: { limit: 1 },
    tasks: { Load: [slow] },
    expected: fails('States.Timeout'),
  },
];
