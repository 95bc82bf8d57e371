import { type ConformanceCase, fails, machine, succeeds } from './conformance-case.ts';

/** Developer guide, "Wait workflow state"; spec, "Wait State". */
export const waitCases: readonly ConformanceCase[] = [
  {
    id: 'wait-1',
    title: 'a Wait hands on its input when the seconds are over',
    definition: machine({ Rest: { Type: 'Wait', Seconds: 5, End: true } }),
    input: { a: 1 },
    expected: succeeds({ a: 1 }),
  },
  {
    id: 'wait-2',
    title: 'Seconds may be an expression, and Output replaces the input',
    definition: machine({
      Rest: { Type: 'Wait', Seconds: '{% $states.input.delay * 60 %}', Output: { rested: true }, End: true },
    }),
    input: { delay: 2 },
    expected: succeeds({ rested: true }),
  },
  {
    id: 'wait-3',
    title: 'a Timestamp in the past does not wait',
    definition: machine({ Rest: { Type: 'Wait', Timestamp: '2020-02-29T12:00:00Z', End: true } }),
    expected: succeeds({}),
  },
  {
    id: 'wait-4',
    title: 'a Timestamp may be an expression that gives a moment to come',
    definition: machine({
      Rest: { Type: 'Wait', Timestamp: '{% $fromMillis($millis() + 2000) %}', Output: 'awake', End: true },
    }),
    expected: succeeds('awake'),
  },
  {
    id: 'wait-5',
    title: 'Seconds that are no number are a query error',
    definition: machine({ Rest: { Type: 'Wait', Seconds: '{% $states.input.delay %}', End: true } }),
    input: { delay: 'soon' },
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'wait-6',
    title: 'negative seconds are a query error',
    definition: machine({ Rest: { Type: 'Wait', Seconds: '{% 0 - 1 %}', End: true } }),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'wait-7',
    title: 'a Timestamp that is no date-time is a query error',
    definition: machine({ Rest: { Type: 'Wait', Timestamp: "{% 'tomorrow' %}", End: true } }),
    expected: fails('States.QueryEvaluationError'),
  },
];
