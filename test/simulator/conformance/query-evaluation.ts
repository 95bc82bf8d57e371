import { type ConformanceCase, fails, machine, succeeds } from './conformance-case.ts';

const tell = (output: unknown) => machine({ Tell: { Type: 'Pass', Output: output, End: true } });

/** Developer guide, "Transforming data with JSONata"; spec, appendix A, States.QueryEvaluationError. */
export const queryEvaluationCases: readonly ConformanceCase[] = [
  {
    id: 'query-1',
    title: 'an undefined result in Output is an error, for JSON cannot hold it',
    definition: tell({ it: '{% $states.input.missing %}' }),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-2',
    title: 'an undefined result in Assign is an error',
    definition: machine({ Keep: { Type: 'Pass', Assign: { it: '{% $states.input.missing %}' }, End: true } }),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-3',
    title: 'a variable that nobody assigned is undefined',
    definition: tell('{% $nobody %}'),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-4',
    title: 'a type error of JSONata is a query error',
    definition: tell("{% 'a' + 1 %}"),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-5',
    title: 'what $error throws is a query error',
    definition: tell("{% $error('no tables') %}"),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-6',
    title: 'fields are not found without $states, since there is no input document',
    definition: tell('{% plan %}'),
    input: { plan: 'maily' },
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-7',
    title: '$exists tells a missing field from one that is null',
    definition: tell({
      missing: '{% $exists($states.input.missing) %}',
      nothing: '{% $exists($states.input.nothing) %}',
    }),
    input: { nothing: null },
    expected: succeeds({ missing: false, nothing: true }),
  },
  {
    id: 'query-8',
    title: '$states.result is undefined where there is no result',
    definition: machine({ Wait: { Type: 'Wait', Seconds: 0, Output: '{% $states.result %}', End: true } }),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'query-9',
    title: 'text with a blank before {% or after %} is no expression',
    definition: tell({ before: ' {% 1 %}', after: '{% 1 %} ' }),
    expected: succeeds({ before: ' {% 1 %}', after: '{% 1 %} ' }),
  },
  {
    id: 'query-10',
    title: 'a cause names the state and the event by which it was entered',
    definition: machine({
      Start: { Type: 'Pass', Next: 'Tell' },
      Tell: { Type: 'Pass', Output: '{% $states.input.missing %}', End: true },
    }),
    expected: fails(
      'States.QueryEvaluationError',
      "An error occurred while executing the state 'Tell' (entered at the event id #4). The JSONata expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
    ),
  },
];
