import { expect, test } from 'vitest';
import { rehydrationInWords } from '../../../shared/rehydration/summary.ts';

const done = { rows: 120, sent: 90, alreadySent: 30, unknown: 0 };

test.each([
  ['what it sent', done, false, '120 rows: 90 sent, 30 sent before'],
  ['what it would send', done, true, '120 rows: 90 would be sent, 30 sent before'],
  [
    'how many rows may have been sent twice',
    { ...done, unknown: 2 },
    false,
    '120 rows: 90 sent, 30 sent before; of those sent, 2 may have been sent before too',
  ],
  [
    'that there was nothing',
    { rows: 0, sent: 0, alreadySent: 0, unknown: 0 },
    false,
    '0 rows: 0 sent, 0 sent before',
  ],
])('a rehydration says %s', (_, rehydrated, dryRun, words) => {
  expect(rehydrationInWords(rehydrated, dryRun)).toBe(words);
});
