import { ok } from '../script.ts';
import { type ConformanceCase, fails, machine, succeeds, task } from './conformance-case.ts';

/** Developer guide, "Step Functions service quotas" (256 KiB) and "Error names", States.DataLimitExceeded. */
export const dataLimitCases: readonly ConformanceCase[] = [
  {
    id: 'data-limit-1',
    title: 'a state that hands on more than 256 KiB fails with States.DataLimitExceeded',
    definition: machine({ Swell: { Type: 'Pass', Output: "{% $pad('', 262145, 'x') %}", End: true } }),
    expected: fails('States.DataLimitExceeded'),
  },
  {
    id: 'data-limit-2',
    title: 'States.ALL does not catch States.DataLimitExceeded',
    definition: machine({
      Swell: task({
        Output: "{% $pad('', 262145, 'x') %}",
        Catch: [{ ErrorEquals: ['States.ALL'], Output: 'caught', Next: 'Tell' }],
        Next: 'Tell',
      }),
      Tell: { Type: 'Pass', End: true },
    }),
    tasks: { Swell: [ok()] },
    expected: fails('States.DataLimitExceeded'),
  },
  {
    id: 'data-limit-3',
    title: '200 KiB are handed on',
    definition: machine({
      Swell: { Type: 'Pass', Output: "{% $pad('', 204800, 'x') %}", Next: 'Tell' },
      Tell: { Type: 'Pass', Output: '{% $length($states.input) %}', End: true },
    }),
    expected: succeeds(204_800),
  },
];
