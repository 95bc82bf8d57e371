import { describe, expect, test } from 'vitest';
import type { RecoveryPointRecord } from '../../../shared/journal/journal.ts';
import { unusual } from '../../../shared/objectives/unusual.ts';

/** Recovery points, the newest first, as [seconds, bytes]; null for one that was taken elsewhere. */
const known = (...taken: ([number, number] | null)[]): RecoveryPointRecord[] =>
  taken.map((each, index) => ({
    database: 'main',
    backup: 'full',
    recoveryPoint: `${index}`,
    taken: each && { runId: 'nightly', seconds: each[0], bytes: each[1] },
    verified: null,
    read: null,
    label: null,
  }));
const USUAL: [number, number] = [300, 1_000_000];
const usually = (newest: [number, number]) => unusual(known(newest, USUAL, USUAL, USUAL));
const NOTHING = { duration: null, size: null };

describe('a recovery point', () => {
  test.each<[string, [number, number]]>([
    ['as usual', USUAL],
    ['of twice the time', [600, 1_000_000]],
    ['of half the size', [300, 500_000]],
    ['of half as much again', [300, 1_500_000]],
  ])('%s is usual', (_, newest) => {
    expect(usually(newest)).toEqual(NOTHING);
  });

  test('that took more than twice the time is unusual, and so is one that is smaller or larger by more than half', () => {
    expect(usually([601, 1_000_000])).toEqual({ ...NOTHING, duration: 'took 10m 1s, usually 5m' });
    expect(usually([300, 499_999])).toEqual({ ...NOTHING, size: 'read 500 kB, usually 1 MB' });
    expect(usually([300, 1_600_000])).toEqual({ ...NOTHING, size: 'read 1.6 MB, usually 1 MB' });
  });

  test('of an empty database is unusual where there was data, and usual where there was none', () => {
    expect(usually([300, 0]).size).toBe('read 0 B, usually 1 MB');
    expect(unusual(known([300, 0], [300, 0], [300, 0], [300, 0]))).toEqual(NOTHING);
    expect(unusual(known([300, 9], [300, 0], [300, 0], [300, 0])).size).toBe('read 9 B, usually 0 B');
  });

  test('is compared with nothing while fewer than three were taken before it', () => {
    expect(unusual(known([9_000, 0], USUAL, USUAL))).toEqual(NOTHING);
    expect(unusual(known([9_000, 0], USUAL, null, USUAL))).toEqual(NOTHING);
    expect(unusual([])).toEqual(NOTHING);
  });

  test('is compared with the median, so that one bad night before does not hide the next', () => {
    expect(unusual(known([3_000, 1_000_000], [3_000, 0], USUAL, USUAL)).duration).not.toBeNull();
    expect(
      unusual(known([500, 1_000_000], [100, 1_000_000], [200, 1_000_000], USUAL, USUAL)).duration,
    ).toBeNull();
  });

  test('of seconds may take twice as long', () => {
    expect(unusual(known([50, 100], [5, 100], [5, 100], [5, 100])).duration).toBeNull();
  });

  test('is compared with the last ten only, so that a database may grow', () => {
    const old = Array.from({ length: 90 }, (): [number, number] => [1, 1]);
    const lately = Array.from({ length: 10 }, (): [number, number] => USUAL);
    expect(unusual(known(USUAL, ...lately, ...old))).toEqual(NOTHING);
  });
});
