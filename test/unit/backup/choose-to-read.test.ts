import { describe, expect, test } from 'vitest';
import { chooseToRead, type ReadingChoice } from '../../../shared/backup/choose-to-read.ts';

const read = (recoveryPoint: string, at: string | null) => ({
  recoveryPoint,
  read: at === null ? null : { runId: 'reading', at },
});

describe('the recovery point to read', () => {
  test.each<[string, readonly string[], ReadingChoice, readonly ReturnType<typeof read>[], string]>([
    ['is the newest where none was ever read', ['a', 'b', 'c'], 'in-turn', [], 'c'],
    [
      'is the newest of those that were never read',
      ['a', 'b', 'c'],
      'in-turn',
      [read('c', '2026-10-05T06:00:00.000Z')],
      'b',
    ],
    [
      'is the one that was read longest ago where each was read',
      ['a', 'b', 'c'],
      'in-turn',
      [
        read('c', '2026-10-07T06:00:00.000Z'),
        read('b', '2026-10-05T06:00:00.000Z'),
        read('a', '2026-10-06T06:00:00.000Z'),
      ],
      'b',
    ],
    [
      'is one that was taken and verified and never read',
      ['a', 'b'],
      'in-turn',
      [read('b', '2026-10-07T06:00:00.000Z'), read('a', null)],
      'a',
    ],
    ['is none that is not there any more', ['b'], 'in-turn', [read('a', null)], 'b'],
    [
      'is the newest where the newest is wanted',
      ['a', 'b'],
      'newest',
      [read('b', '2026-10-07T06:00:00.000Z')],
      'b',
    ],
    ['is the named one', ['a', 'b'], { id: 'a' }, [], 'a'],
  ])('%s', (_, ids, choice, noted, expected) => {
    expect(chooseToRead(ids, choice, noted)).toBe(expected);
  });

  test('reaches every one in as many readings as there are', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const noted: ReturnType<typeof read>[] = [];
    for (const _ of ids)
      noted.push(read(chooseToRead(ids, 'in-turn', noted), `2026-10-0${noted.length + 1}T06:00:00.000Z`));
    expect(noted.map(({ recoveryPoint }) => recoveryPoint)).toEqual(['d', 'c', 'b', 'a']);
  });

  test('is missing where there is none, or not the named one', () => {
    expect(() => chooseToRead([], 'in-turn', [])).toThrow('take a backup first');
    expect(() => chooseToRead(['a', 'b'], { id: 'x' }, [])).toThrow(
      'there is no recovery point "x"; the newest of 2 is "b"',
    );
  });
});
