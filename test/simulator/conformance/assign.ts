import { ok } from '../script.ts';
import { type ConformanceCase, graph, machine, succeeds, task } from './conformance-case.ts';

const tell = (output: unknown) => ({ Type: 'Pass', Output: output, End: true });

/** Developer guide, "Passing data between states with variables"; spec, "Variables". */
export const assignCases: readonly ConformanceCase[] = [
  {
    id: 'assign-1',
    title: 'a variable outlives the states that do not mention it',
    definition: machine({
      Keep: { Type: 'Pass', Assign: { run: '{% $states.input.run %}' }, Output: {}, Next: 'Forget' },
      Forget: { Type: 'Pass', Output: 'nothing', Next: 'Tell' },
      Tell: tell({ run: '{% $run %}', input: '{% $states.input %}' }),
    }),
    input: { run: 'r-1' },
    expected: succeeds({ run: 'r-1', input: 'nothing' }),
  },
  {
    id: 'assign-2',
    title: 'all values of an Assign are evaluated before any is assigned',
    definition: machine({
      Start: { Type: 'Pass', Assign: { x: 3, a: 6 }, Next: 'Swap' },
      Swap: { Type: 'Pass', Assign: { x: '{% $a %}', nextX: '{% $x %}' }, Next: 'Tell' },
      Tell: tell({ x: '{% $x %}', nextX: '{% $nextX %}' }),
    }),
    expected: succeeds({ x: 6, nextX: 3 }),
  },
  {
    id: 'assign-3',
    title: 'Output sees the variables from before its own state assigns them',
    definition: machine({
      Start: { Type: 'Pass', Assign: { n: 1 }, Next: 'Raise' },
      Raise: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: { before: '{% $n %}' }, Next: 'Tell' },
      Tell: tell({ before: '{% $states.input.before %}', after: '{% $n %}' }),
    }),
    expected: succeeds({ before: 1, after: 2 }),
  },
  {
    id: 'assign-4',
    title: 'a task assigns from its result whatever it hands on',
    definition: machine({
      Load: task({ Assign: { rows: '{% $states.result.rows %}' }, Output: 'loaded', Next: 'Tell' }),
      Tell: tell({ rows: '{% $rows %}', input: '{% $states.input %}' }),
    }),
    tasks: { Load: [ok({ rows: 42 })] },
    expected: succeeds({ rows: 42, input: 'loaded' }),
  },
  {
    id: 'assign-5',
    title: 'a Wait assigns too',
    definition: machine({
      Rest: { Type: 'Wait', Seconds: 1, Assign: { waited: true }, Next: 'Tell' },
      Tell: tell({ waited: '{% $waited %}' }),
    }),
    expected: succeeds({ waited: true }),
  },
  {
    id: 'assign-6',
    title: 'an iteration reads the variables around the Map',
    definition: machine({
      Keep: { Type: 'Pass', Assign: { factor: 10 }, Next: 'Multiply' },
      Multiply: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: graph({ Times: tell('{% $states.input * $factor %}') }),
        End: true,
      },
    }),
    expected: succeeds([10, 20]),
  },
  {
    id: 'assign-7',
    title: 'the variables of an iteration end with it',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: graph({ Keep: { Type: 'Pass', Assign: { inner: 1 }, End: true } }),
        Next: 'Tell',
      },
      Tell: tell({ seen: '{% $exists($inner) %}' }),
    }),
    expected: succeeds({ seen: false }),
  },
  {
    id: 'assign-8',
    title: 'the variables of a branch end with it',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [graph({ Keep: { Type: 'Pass', Assign: { inner: 1 }, End: true } })],
        Next: 'Tell',
      },
      Tell: tell({ seen: '{% $exists($inner) %}' }),
    }),
    expected: succeeds({ seen: false }),
  },
  {
    id: 'assign-9',
    title: 'a Parallel assigns from the results of its branches',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [graph({ One: tell(1) }), graph({ Two: tell(2) })],
        Assign: { sum: '{% $sum($states.result) %}' },
        Next: 'Tell',
      },
      Tell: tell({ sum: '{% $sum %}' }),
    }),
    expected: succeeds({ sum: 3 }),
  },
  {
    id: 'assign-10',
    title: 'a Map assigns from the results of its iterations',
    definition: machine({
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        ItemProcessor: graph({ Same: { Type: 'Pass', End: true } }),
        Assign: { total: '{% $sum($states.result) %}' },
        Next: 'Tell',
      },
      Tell: tell({ total: '{% $total %}' }),
    }),
    expected: succeeds({ total: 6 }),
  },
];
