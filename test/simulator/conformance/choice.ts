import { type ConformanceCase, fails, machine, succeeds } from './conformance-case.ts';

const tell = (output: unknown) => ({ Type: 'Pass', Output: output, End: true });
const bySize = (fields: object) =>
  machine({
    Weigh: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.size > 10 %}', Next: 'Large' },
        { Condition: '{% $states.input.size > 5 %}', Next: 'Middling' },
      ],
      ...fields,
    },
    Large: tell('large'),
    Middling: tell('middling'),
    ...('Default' in fields ? { Small: tell('small') } : {}),
  });

const ownFields = machine({
  Before: { Type: 'Pass', Assign: { by: 'before' }, Next: 'Ask' },
  Ask: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input.yes %}', Next: 'Tell' }],
    Output: { said: 'the state' },
    Assign: { by: 'state' },
    Default: 'Tell',
  },
  Tell: tell({
    said: '{% $exists($states.input.said) ? $states.input.said : null %}',
    by: '{% $by %}',
  }),
});

/** Developer guide, "Choice workflow state"; spec, "Choice State". */
export const choiceCases: readonly ConformanceCase[] = [
  {
    id: 'choice-1',
    title: 'the first rule that is true decides, though a later one is true as well',
    definition: bySize({}),
    input: { size: 20 },
    expected: succeeds('large'),
  },
  {
    id: 'choice-2',
    title: 'a rule that is false passes on to the next',
    definition: bySize({}),
    input: { size: 7 },
    expected: succeeds('middling'),
  },
  {
    id: 'choice-3',
    title: 'no rule leads to Default',
    definition: bySize({ Default: 'Small' }),
    input: { size: 1 },
    expected: succeeds('small'),
  },
  {
    id: 'choice-4',
    title: 'no rule and no Default fails with States.NoChoiceMatched',
    definition: bySize({}),
    input: { size: 1 },
    expected: fails('States.NoChoiceMatched'),
  },
  {
    id: 'choice-5',
    title: 'a Choice without Output hands on its input',
    definition: machine({
      Ask: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.yes %}', Next: 'Keep' }],
        Default: 'Keep',
      },
      Keep: { Type: 'Pass', End: true },
    }),
    input: { yes: true },
    expected: succeeds({ yes: true }),
  },
  {
    id: 'choice-6',
    title: 'a rule that matches brings its own Output and Assign',
    definition: machine({
      Ask: {
        Type: 'Choice',
        Choices: [
          {
            Condition: '{% $states.input.yes %}',
            Output: { said: 'yes' },
            Assign: { by: 'rule' },
            Next: 'Tell',
          },
        ],
        Default: 'Tell',
      },
      Tell: tell({ said: '{% $states.input.said %}', by: '{% $by %}' }),
    }),
    input: { yes: true },
    expected: succeeds({ said: 'yes', by: 'rule' }),
  },
  {
    id: 'choice-7',
    title: 'a condition that is no boolean is a query error, not true or false',
    definition: machine({
      Ask: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.count %}', Next: 'Keep' }],
        Default: 'Keep',
      },
      Keep: { Type: 'Pass', End: true },
    }),
    input: { count: 3 },
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'choice-8',
    title: 'a condition over a missing field is a query error, not false',
    definition: machine({
      Ask: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.missing %}', Next: 'Keep' }],
        Default: 'Keep',
      },
      Keep: { Type: 'Pass', End: true },
    }),
    expected: fails('States.QueryEvaluationError'),
  },
  {
    id: 'choice-9',
    title: 'a Choice can lead back, so a machine counts in a variable until it is done',
    definition: machine({
      Start: { Type: 'Pass', Assign: { n: 0 }, Next: 'Count' },
      Count: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Next: 'Enough' },
      Enough: { Type: 'Choice', Choices: [{ Condition: '{% $n < 3 %}', Next: 'Count' }], Default: 'Tell' },
      Tell: tell('{% $n %}'),
    }),
    expected: succeeds(3),
  },
  {
    id: 'choice-10',
    title: 'a last rule that is always true stands for a Default that assigns',
    definition: machine({
      Ask: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.yes %}', Assign: { said: 'yes' }, Next: 'Tell' },
          { Condition: '{% true %}', Assign: { said: 'no' }, Next: 'Tell' },
        ],
      },
      Tell: tell('{% $said %}'),
    }),
    input: { yes: false },
    expected: succeeds('no'),
  },
  {
    id: 'choice-11',
    title: 'Output and Assign of the Choice itself are for Default',
    definition: ownFields,
    input: { yes: false },
    expected: succeeds({ said: 'the state', by: 'state' }),
  },
  {
    id: 'choice-12',
    title: 'Output and Assign of the Choice itself do not apply to a rule that matches',
    definition: ownFields,
    input: { yes: true },
    expected: succeeds({ said: null, by: 'before' }),
  },
];
