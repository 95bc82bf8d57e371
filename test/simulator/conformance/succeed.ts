import { type ConformanceCase, machine, succeeds } from './conformance-case.ts';

/** Developer guide, "Succeed workflow state". */
export const succeedCases: readonly ConformanceCase[] = [
  {
    id: 'succeed-1',
    title: 'a Succeed without Output ends with its input',
    definition: machine({ Done: { Type: 'Succeed' } }),
    input: { a: 1 },
    expected: succeeds({ a: 1 }),
  },
  {
    id: 'succeed-2',
    title: 'the Output of a Succeed is the output of the execution',
    definition: machine({ Done: { Type: 'Succeed', Output: { verdict: '{% $states.input.verdict %}' } } }),
    input: { verdict: 'verified', noise: 1 },
    expected: succeeds({ verdict: 'verified' }),
  },
];
