import { type ConformanceCase, machine, succeeds } from './conformance-case.ts';

/** Developer guide, "Pass workflow state"; spec, "Pass State". */
export const passCases: readonly ConformanceCase[] = [
  {
    id: 'pass-1',
    title: 'a Pass without Output hands on its input',
    definition: machine({ Keep: { Type: 'Pass', End: true } }),
    input: { plan: 'maily', tables: [1, 2] },
    expected: succeeds({ plan: 'maily', tables: [1, 2] }),
  },
  {
    id: 'pass-2',
    title: 'expressions anywhere within Output are evaluated and constants stand for themselves',
    definition: machine({
      Shape: {
        Type: 'Pass',
        Output: {
          list: ['{% $states.input.n + 1 %}', 'two', 3, null, true],
          deep: { of: '{% $states.input.name %}' },
        },
        End: true,
      },
    }),
    input: { n: 1, name: 'maily' },
    expected: succeeds({ list: [2, 'two', 3, null, true], deep: { of: 'maily' } }),
  },
  {
    id: 'pass-3',
    title: 'Output may be one expression that builds the whole output',
    definition: machine({
      Merge: { Type: 'Pass', Output: "{% $merge([$states.input, {'b': 2}]) %}", End: true },
    }),
    input: { a: 1 },
    expected: succeeds({ a: 1, b: 2 }),
  },
  {
    id: 'pass-4',
    title: 'an expression that gives null hands on null',
    definition: machine({ Keep: { Type: 'Pass', Output: { it: '{% $states.input.it %}' }, End: true } }),
    input: { it: null },
    expected: succeeds({ it: null }),
  },
  {
    id: 'pass-5',
    title: 'an object built within an expression leaves out what is undefined',
    definition: machine({
      Build: { Type: 'Pass', Output: "{% {'a': 1, 'b': $states.input.missing} %}", End: true },
    }),
    expected: succeeds({ a: 1 }),
  },
  {
    id: 'pass-6',
    title: 'a mapping over one item gives the item, not an array of it, as JSONata has it',
    definition: machine({
      Double: {
        Type: 'Pass',
        Output: {
          bare: '{% $map([1], function($n) { $n * 2 }) %}',
          kept: '{% [$map([1], function($n) { $n * 2 })] %}',
        },
        End: true,
      },
    }),
    expected: succeeds({ bare: 2, kept: [2] }),
  },
  {
    id: 'pass-7',
    title: 'a string whose braces are within it is no expression',
    definition: machine({ Say: { Type: 'Pass', Output: { text: 'write {% 1 %} for one' }, End: true } }),
    expected: succeeds({ text: 'write {% 1 %} for one' }),
  },
];
