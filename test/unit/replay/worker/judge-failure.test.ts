import { describe, expect, test } from 'vitest';
import {
  isReceiverDown,
  type JudgedFailure,
  judgeFailure,
} from '../../../../shared/replay/worker/judge-failure.ts';

describe('a message that the target failed', () => {
  test.each<[failedRuns: number, acceptsOthers: boolean, JudgedFailure]>([
    [0, false, 'return'],
    [0, true, 'return'],
    [1, false, 'return-suspect'],
    [1, true, 'quarantine'],
    [5, false, 'return-suspect'],
    [5, true, 'quarantine'],
  ])(
    'in %i earlier runs, where it accepts others in this one: %j, is to: %s',
    (failedRuns, acceptsOthers, judged) => {
      expect(judgeFailure({ failedRuns, acceptsOthers })).toBe(judged);
    },
  );
});

test.each([
  [0, 0, false],
  [2, 2, false],
  [3, 3, true],
  [2, 9, false],
  [0, 10, true],
])(
  '%i fresh canaries that failed, %i with those of earlier runs: the receiver counts as down: %j',
  (fresh, all, isDown) => {
    expect(isReceiverDown({ fresh, all })).toBe(isDown);
  },
);
