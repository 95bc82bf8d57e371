import { describe, expect, test } from 'vitest';
import { recoveryPointId } from '../../../shared/backup/logical/recovery-point-id.ts';
import { chooseRecoveryPoint } from '../../../shared/backup/recovery-points.ts';

/** One a night, oldest first. */
const ids = Array.from({ length: 30 }, (_, night) =>
  recoveryPointId(new Date(Date.UTC(2026, 8, 1 + night, 2)), `nightly-${night}`, 'a1b2c3d4'),
);

describe('chooseRecoveryPoint', () => {
  test('takes the newest', () => {
    expect(chooseRecoveryPoint(ids, 'newest', 'run')).toBe(ids[29]);
  });

  test('takes the one that is named', () => {
    expect(chooseRecoveryPoint(ids, { id: ids[3] ?? '' }, 'run')).toBe(ids[3]);
  });

  test('chooses the same for every attempt of a run', () => {
    expect(chooseRecoveryPoint(ids, 'random', 'restore-test-2026-10-05')).toBe(
      '20260903T020000Z-369703ca-a1b2c3d4',
    );
  });

  test('reaches every recovery point, each about as often', () => {
    const counts = new Map<string, number>(ids.map((id) => [id, 0]));
    for (let run = 0; run < 3_000; run += 1) {
      const id = chooseRecoveryPoint(ids, 'random', `run-${run}`);
      counts.set(id, (counts.get(id) ?? Number.NaN) + 1);
    }
    expect(counts.size).toBe(30);
    for (const [id, count] of counts) expect(count, id).toSatisfy((n: number) => n > 50 && n < 160);
  });

  test.each(['newest', 'random', { id: ids[0] ?? '' }] as const)('refuses %j of none', (choice) => {
    expect(() => chooseRecoveryPoint([], choice, 'run')).toThrow(
      expect.objectContaining({
        name: 'NoRecoveryPoint',
        message: 'there is no recovery point: take a backup first',
      }),
    );
  });

  test('refuses one that is not there and says what is', () => {
    expect(() => chooseRecoveryPoint(ids, { id: 'last-good' }, 'run')).toThrow(
      expect.objectContaining({
        name: 'NoRecoveryPoint',
        message: `there is no recovery point "last-good"; the newest of 30 is "${ids[29]}"`,
      }),
    );
  });
});
