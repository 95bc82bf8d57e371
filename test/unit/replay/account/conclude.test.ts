import { expect, test } from 'vitest';
import { concludeReplay } from '../../../../shared/replay/account/conclude.ts';

const empty = { outcome: 'replayed', reason: 'the queue has no more' } as const;
const sound = { addsUp: true, words: 'received 10 = delivered 10' };
const unsound = { addsUp: false, words: 'the account does not add up: 2 messages are missing from it' };

test('a replay whose account adds up ended as its last round said', () => {
  expect(concludeReplay(empty, sound, 0)).toEqual(empty);
});

test('what is left in the queue is said', () => {
  expect(concludeReplay(empty, sound, 7)).toEqual({
    outcome: 'replayed',
    reason: 'the queue has no more; left in the queue, hidden ones too: about 7',
  });
});

test.each(['replayed', 'stopped', 'not-proven'] as const)(
  'an account that does not add up proves nothing of a replay that ended as %s',
  (outcome) => {
    expect(concludeReplay({ ...empty, outcome }, unsound, 0)).toEqual({
      outcome: 'not-proven',
      reason: `the queue has no more; ${unsound.words}`,
    });
  },
);

test('the reason says both', () => {
  expect(concludeReplay(empty, unsound, 7).reason).toBe(
    `the queue has no more; left in the queue, hidden ones too: about 7; ${unsound.words}`,
  );
});
