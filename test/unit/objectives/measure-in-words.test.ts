import { describe, expect, test } from 'vitest';
import { measureInWords } from '../../../shared/objectives/measure-in-words.ts';

describe('a measure in words', () => {
  test.each([
    [{ basis: 'measured', seconds: 12, targetSeconds: 900, met: true }, '12s, target 15m: met (measured)'],
    [{ basis: 'estimated', seconds: 0, targetSeconds: 0, met: true }, '0s, target 0s: met (estimated)'],
    [
      { basis: 'measured', seconds: 900.001, targetSeconds: 900, met: false },
      '15m 1s, target 15m: MISSED (measured)',
    ],
    [{ basis: 'not-measured', seconds: null, targetSeconds: 1_200, met: null }, 'not measured, target 20m'],
  ] as const)('%j', (measure, words) => {
    expect(measureInWords(measure)).toBe(words);
  });
});
