import { describe, expect, test } from 'vitest';
import { recoveryPointId } from '../../../shared/backup/logical/recovery-point-id.ts';
import { MomentMissing } from '../../../shared/backup/rds-point-in-time/point-in-time-errors.ts';
import { chooseRecoveryPoint, findRecoveryPoint } from '../../../shared/backup/recovery-points.ts';
import { DAY } from '../../../shared/plan/values/duration.ts';
import { memoryBackup } from './memory-backup.ts';

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

describe('findRecoveryPoint', () => {
  const of = { database: 'main', backup: 'full' };
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 9, 5, hour, minute));
  /** One begun at each full hour, and taken twenty minutes later. */
  async function taken(...hours: number[]) {
    let now = at(0);
    const method = memoryBackup({ now: () => now });
    const recovered = new Map<number, string>();
    for (const hour of hours) {
      now = at(hour, 20);
      const request = {
        ...of,
        runId: `${hour}`,
        runStartedAt: at(hour),
        signal: new AbortController().signal,
      };
      recovered.set(hour, (await method.take(request)).id);
    }
    return { method, idOf: (hour: number) => recovered.get(hour) ?? '' };
  }

  test.each([
    ['after the last one', at(9), 3, 3],
    ['as one was taken, to the millisecond', at(3, 20), 3, 3],
    ['between the start of one and its moment', at(3, 10), 2, 2],
    ['as one was begun', at(3), 2, 2],
    ['between two', at(2, 50), 2, 2],
  ])('takes the newest that is not younger than an onset %s', async (_, before, hour, candidates) => {
    const { method, idOf } = await taken(1, 2, 3);
    const found = await findRecoveryPoint(method, of, {
      choice: 'newest',
      runId: 'run',
      before,
      now: at(9),
      retention: DAY,
    });
    expect(found).toMatchObject({ point: { id: idOf(hour) }, candidates });
  });

  test.each([
    ['the newest of those that are verified', 'newest', [1, 2], 2, 2],
    ['the only one', 'newest', [1], 1, 1],
    ['one of those that are verified', 'random', [1], 1, 1],
    ['one that is named, verified or not', { hour: 3 }, [1], 3, 3],
  ] as const)('where only verified ones count takes %s', async (_, choice, verified, hour, candidates) => {
    const { method, idOf } = await taken(1, 2, 3);
    const found = await findRecoveryPoint(method, of, {
      choice: typeof choice === 'object' ? { id: idOf(choice.hour) } : choice,
      runId: 'run',
      before: at(9),
      now: at(9),
      retention: DAY,
      verified: new Set(verified.map(idOf)),
    });
    expect(found).toMatchObject({ point: { id: idOf(hour) }, candidates });
  });

  test.each([
    ['none is verified', [], at(9), 'none of 3 recovery points from before'],
    ['the verified one is too young', [3], at(2, 50), 'none of 2 recovery points from before'],
    ['each is too young', [1], at(0), 'each of 3 recovery points is younger than'],
  ] as const)('where only verified ones count and %s says so', async (_, verified, before, says) => {
    const { method, idOf } = await taken(1, 2, 3);
    const options = { runId: 'run', now: at(9), retention: DAY, choice: 'newest' } as const;
    const found = findRecoveryPoint(method, of, {
      ...options,
      before,
      verified: new Set(verified.map(idOf)),
    });
    await expect(found).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: expect.stringContaining(says),
    });
  });

  test('takes the one that is named, whatever its age', async () => {
    const { method, idOf } = await taken(1, 2);
    const options = { choice: { id: idOf(2) }, runId: 'run', before: at(1, 30), now: at(9), retention: DAY };
    expect(await findRecoveryPoint(method, of, options)).toMatchObject({
      point: { id: idOf(2) },
      candidates: 2,
    });
  });

  test('asks the store for a named moment, where one entry of the list stands for many', async () => {
    const moment = { id: '20261005T010203Z', takenAt: new Date('2026-10-05T01:02:03Z') };
    const points = {
      list: async () => [{ id: '20261005T090000Z', begunAt: at(9), since: at(0) }],
      hidden: async () => [],
      find: async ({ id }: { id: string }) => {
        if (id === moment.id) return moment as never;
        throw new MomentMissing('no such moment');
      },
    };
    const options = (id: string) => ({
      choice: { id },
      runId: 'run',
      before: at(9),
      now: at(9),
      retention: DAY,
    });
    expect(await findRecoveryPoint(points, of, options(moment.id))).toMatchObject({ point: moment });
    await expect(findRecoveryPoint(points, of, options('20260101T000000Z'))).rejects.toThrow(MomentMissing);
  });

  test.each([
    ['was begun later', at(1)],
    ['shows a later moment', at(2, 10)],
  ])('refuses where each %s', async (_, before) => {
    const { method } = await taken(2, 3);
    const found = findRecoveryPoint(method, of, {
      choice: 'newest',
      runId: 'run',
      before,
      now: at(9),
      retention: DAY,
    });
    await expect(found).rejects.toMatchObject({ name: 'NoRecoveryPoint' });
  });
});
