import { type ConformanceCase, fails, machine } from './conformance-case.ts';

/** Developer guide, "Fail workflow state". */
export const failCases: readonly ConformanceCase[] = [
  {
    id: 'fail-1',
    title: 'a Fail ends the execution with its error and cause',
    definition: machine({ Reject: { Type: 'Fail', Error: 'RestoreRejected', Cause: 'two tables differ' } }),
    expected: fails('RestoreRejected', 'two tables differ'),
  },
  {
    id: 'fail-2',
    title: 'Error and Cause may be expressions',
    definition: machine({
      Keep: { Type: 'Pass', Assign: { tables: 2 }, Next: 'Reject' },
      Reject: {
        Type: 'Fail',
        Error: '{% $states.input.error %}',
        Cause: "{% $string($tables) & ' tables differ' %}",
      },
    }),
    input: { error: 'RestoreRejected' },
    expected: fails('RestoreRejected', '2 tables differ'),
  },
  {
    id: 'fail-3',
    title: 'an Error that is no string is a query error',
    definition: machine({ Reject: { Type: 'Fail', Error: '{% $states.input.code %}' } }),
    input: { code: 42 },
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'fail-4',
    title: 'a Fail may name no error',
    definition: machine({ Reject: { Type: 'Fail', Cause: 'two tables differ' } }),
    expected: fails('', 'two tables differ'),
  },
];
