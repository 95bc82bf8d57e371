import { describe, expect, test } from 'vitest';
import { type Costs, costliest } from './costliest-run.ts';
import type { StateDefinition, StateGraph } from './machine-under-test.ts';

/** A Wait costs its seconds; every other state costs nothing. */
const costs: Costs = {
  of: ({ Seconds = '0' }) => Number(Seconds),
  iterations: ({ MaxConcurrency = 1 }, each) => MaxConcurrency * each,
};
const graph = (States: Record<string, StateDefinition>): StateGraph => ({
  StartAt: Object.keys(States)[0] ?? '',
  States,
});
const wait = (seconds: number, next: string, more: Partial<StateDefinition> = {}): StateDefinition => ({
  Type: 'Wait',
  Seconds: String(seconds),
  Next: next,
  ...more,
});
const gate: StateDefinition = {
  Type: 'Choice',
  Choices: [{ Condition: '{% $rounds >= 3 %}', Next: 'Late' }],
  Default: 'Work',
};
const counted = { Assign: { rounds: '{% $rounds + 1 %}' } };
const End: StateDefinition = { Type: 'Succeed' };

describe('the costliest run', () => {
  test('takes the costliest of all ways, those of errors among them', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Recover' }];
    const machine = graph({
      Start: wait(1, 'Work', { Assign: { rounds: 0 } }),
      Work: wait(10, 'End', { Catch }),
      Recover: wait(100, 'End'),
      End,
    });
    expect(costliest(machine, costs)).toBe(111);
  });

  test('counts every iteration of a Map', () => {
    const ItemProcessor = graph({ Each: wait(7, 'Done'), Done: End });
    const machine = graph({ All: { Type: 'Map', MaxConcurrency: 4, ItemProcessor, Next: 'End' }, End });
    expect(costliest(machine, costs)).toBe(28);
  });

  test('goes round a loop as often as its rounds are counted, and once more to leave it from its last state', () => {
    const machine = graph({
      Start: wait(1, 'Again'),
      Again: gate,
      Work: wait(10, 'Again', { ...counted, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }] }),
      Late: wait(5, 'End'),
      End,
    });
    expect(costliest(machine, costs)).toBe(1 + 3 * 10 + 10);
  });

  test.each<[string, Record<string, StateDefinition>, string]>([
    [
      'that nothing counts',
      { Again: gate, Work: wait(1, 'Again'), Late: wait(1, 'End'), End },
      'nothing ends the loop Again → Work → Again',
    ],
    [
      'whose count begins anew',
      {
        Again: gate,
        Work: wait(1, 'Rest', counted),
        Rest: wait(1, 'Again', { Assign: { rounds: 1 } }),
        Late: End,
      },
      'nothing ends the loop Again → Work → Rest → Again',
    ],
    [
      'beside the one that is counted',
      {
        Again: gate,
        Work: wait(1, 'Again', { ...counted, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }] }),
        Rest: wait(1, 'Work'),
        Late: End,
      },
      'nothing ends the loop Work → Rest → Work',
    ],
    [
      'without a way out',
      { Work: wait(1, 'Rest'), Rest: wait(1, 'Work') },
      'nothing ends the loop Work → Rest → Work',
    ],
  ])('is none where a loop is there %s', (_, states, sentence) => {
    expect(() => costliest(graph(states), costs)).toThrow(sentence);
  });
});
