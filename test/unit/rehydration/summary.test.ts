import { expect, test } from 'vitest';
import { rehydrationInWords, rehydrationOutcome } from '../../../shared/rehydration/summary.ts';

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
    "0 rows: 0 sent, 0 sent before; nothing was sent, because the plan's query finds no row: see whether the database is the restored one",
  ],
  [
    'that it sent nothing, because all was sent before',
    { rows: 3, sent: 0, alreadySent: 3, unknown: 0 },
    false,
    '3 rows: 0 sent, 3 sent before; nothing was sent, because every row was sent before and may still be in the queue: if it lost them, empty it and run this again',
  ],
])('a rehydration says %s', (_, rehydrated, dryRun, words) => {
  expect(rehydrationInWords(rehydrated, dryRun)).toBe(words);
});

test.each([
  [3, false, 'rehydrated'],
  [0, false, 'nothing-sent'],
  [0, true, 'dry-run'],
  [3, true, 'dry-run'],
])('a rehydration that sent %i rows, dry: %j, ends as %s', (sent, dryRun, outcome) => {
  expect(rehydrationOutcome({ sent }, dryRun)).toBe(outcome);
});
