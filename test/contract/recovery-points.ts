import { beforeEach, describe, expect, test } from 'vitest';
import type { Proving, RecoveryPoint, RecoveryPoints } from '../../shared/backup/method.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';

/** The recovery points of a backup that has none yet. */
export interface RecoveryPointsUnderTest<Point extends RecoveryPoint = RecoveryPoint> {
  readonly points: RecoveryPoints<Point> & Proving;
  readonly of: BackupPlace;
  /** Lets there be a first recovery point. */
  begin(): Promise<void>;
  /** Makes what is stored incomplete, so that it can no longer be restored. */
  damage(point: Point): Promise<void>;
  /** The name of the error for a recovery point that does not exist. */
  readonly missing: 'ManifestDamaged' | 'SnapshotMissing' | 'MomentMissing';
}

/** What the recovery points of every method must do, whether each is an object or they are the moments of a window. */
export function describeRecoveryPoints<Point extends RecoveryPoint>(
  name: string,
  open: () => Promise<RecoveryPointsUnderTest<Point>>,
): void {
  describe(`${name}, as recovery points`, () => {
    let under: RecoveryPointsUnderTest<Point>;
    let points: RecoveryPoints<Point> & Proving;
    beforeEach(async () => {
      under = await open();
      ({ points } = under);
    });
    const begun = async () => {
      await under.begin();
      const listed = await points.list(under.of);
      const newest = listed.at(-1);
      if (!newest) throw new Error('there is no recovery point');
      return { listed, newest };
    };

    test('list nothing before there is one', async () => {
      expect(await points.list(under.of)).toEqual([]);
    });

    test('list the oldest first, and find each by its id', async () => {
      const { listed } = await begun();
      const times = listed.map(({ begunAt }) => begunAt.getTime());
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      for (const { id, begunAt, since } of listed) {
        const point = await points.find({ ...under.of, id });
        expect(point).toMatchObject({ ...under.of, id, takenAt: expect.any(Date) });
        expect(begunAt.getTime()).toBeLessThanOrEqual(point.takenAt.getTime());
        if (since) expect(since.getTime()).toBeLessThanOrEqual(begunAt.getTime());
      }
    });

    test('do not find or prove what is not there', async () => {
      const { newest } = await begun();
      for (const id of [`${newest.id.slice(0, -1)}x`, '19700101T000000Z', '']) {
        const place = { ...under.of, id };
        await expect(points.find(place)).rejects.toMatchObject({ name: under.missing });
        await expect(points.prove(place)).rejects.toMatchObject({ name: under.missing });
      }
    });

    test('are proven where they are stored as the plan says, and not where they are damaged', async () => {
      const { newest } = await begun();
      const point = await points.find({ ...under.of, id: newest.id });
      const proof = await points.prove(point);
      expect(proof.objects).toBeGreaterThan(0);
      expect(Date.parse(proof.keptUntil)).toBeGreaterThan(point.takenAt.getTime());
      if (proof.lockedUntil !== null) expect(proof.lockedUntil).toBe(proof.keptUntil);
      await under.damage(point);
      await expect(points.prove(point)).rejects.toMatchObject({ name: 'StoredBackupUnproven' });
    });
  });
}
