import { describe, expect, test } from 'vitest';
import { conformanceCases, withUniqueIds } from '../simulator/conformance/cases.ts';
import { runInSimulator } from '../simulator/conformance/in-simulator.ts';
import { knownDifferences } from '../simulator/conformance/known-differences.ts';
import { difference } from '../simulator/conformance/outcome.ts';

describe('the simulator follows the documentation of Step Functions', () => {
  test.for(conformanceCases.map((it) => [it.id, it.title, it] as const))('%s: %s', async ([, , it]) => {
    expect(difference(it.expected, await runInSimulator(it))).toBeUndefined();
  });

  test.for([2, 3, 5, 8])('no outcome depends on the order of branches that seed %i gives', async (seed) => {
    for (const it of conformanceCases) {
      expect(difference(it.expected, await runInSimulator(it, seed)), it.id).toBeUndefined();
    }
  });
});

describe('the list of cases', () => {
  test('refuses an id that is given twice', () => {
    const [first] = conformanceCases;
    if (first === undefined) throw new Error('there are no cases');
    expect(() => withUniqueIds([first, first])).toThrow(`two conformance cases are called ${first.id}`);
  });

  test('knows every case for which a known difference is listed', () => {
    const ids = conformanceCases.map(({ id }) => id);
    expect(Object.keys(knownDifferences).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
