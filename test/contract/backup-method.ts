import { beforeEach, describe, expect, test } from 'vitest';
import type { BackupMethod, RecoveryPoint, TakeRequest } from '../../shared/backup/method.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';
import { describeRecoveryPoints } from './recovery-points.ts';

/** A recovery point that is an object of its own, which keeps a label. A moment is none. */
type Labelled = Extract<RecoveryPoint, { readonly label: string | null }>;

/** A backup method over a database that it has not yet backed up. */
export interface BackupMethodUnderTest<Point extends Labelled = Labelled> {
  readonly method: BackupMethod<Point>;
  readonly of: BackupPlace;
  /** Makes the stored recovery point incomplete, so that it can no longer be restored. */
  damage(point: Point): Promise<void>;
  /** A time at which everything taken during the test is past its retention. */
  readonly afterRetention: Date;
  /** The name of the error for a recovery point that does not exist. */
  readonly missing: 'ManifestDamaged' | 'SnapshotMissing';
}

const never = new AbortController().signal;
const yesterday = Math.floor(Date.now() / 1000) * 1000 - 86_400_000;
const startedAt = (hour: number) => new Date(yesterday + hour * 3_600_000);

/** What every backup method must do. */
export function describeBackupMethod<Point extends Labelled>(
  name: string,
  open: () => Promise<BackupMethodUnderTest<Point>>,
): void {
  describeRecoveryPoints(name, async () => {
    const under = await open();
    return {
      ...under,
      points: under.method,
      async begin() {
        for (const hour of [3, 1])
          await under.method.take({
            ...under.of,
            runId: `run-${hour}`,
            runStartedAt: startedAt(hour),
            signal: never,
          });
      },
    };
  });

  describe(`${name}, as a backup method`, () => {
    let under: BackupMethodUnderTest<Point>;
    let method: BackupMethod<Point>;
    beforeEach(async () => {
      under = await open();
      ({ method } = under);
    });
    /** One run an hour. */
    const request = (hour: number, difference: Partial<TakeRequest> = {}): TakeRequest => ({
      ...under.of,
      runId: `run-${hour}`,
      runStartedAt: startedAt(hour),
      signal: never,
      ...difference,
    });
    const listed = async () => (await method.list(under.of)).map(({ id }) => id);

    test('finds what it took by its id, and lists it', async () => {
      const point = await method.take(request(1));
      expect(point).toMatchObject({ ...under.of, method: method.method, takenAt: expect.any(Date) });
      const [entry, ...others] = await method.list(under.of);
      expect(others).toEqual([]);
      expect(entry?.id).toBe(point.id);
      expect(entry?.begunAt.getTime()).toBeLessThanOrEqual(point.takenAt.getTime());
      expect(await method.find({ ...under.of, id: point.id })).toEqual(point);
    });

    test('takes one for each run, whatever its attempts', async () => {
      const first = await method.take(request(1));
      expect(await method.take(request(1))).toEqual(first);
      expect(await method.take(request(1, { runStartedAt: startedAt(9) }))).toEqual(first);
      expect(await listed()).toEqual([first.id]);
    });

    test('takes one for each run, also where several attempts are at work at the same time', async () => {
      const attempts = [1, 5, 9].map((hour) => method.take(request(1, { runStartedAt: startedAt(hour) })));
      const [first, ...others] = await Promise.all(attempts);
      for (const other of others) expect(other).toEqual(first);
      expect(await listed()).toEqual([first?.id]);
    });

    test('lists the oldest first', async () => {
      const ids = new Map<number, string>();
      for (const hour of [3, 1, 2]) ids.set(hour, (await method.take(request(hour))).id);
      expect(await listed()).toEqual([1, 2, 3].map((hour) => ids.get(hour)));
    });

    test('keeps the recovery points of two backups apart', async () => {
      const { id } = await method.take(request(1));
      const other = { ...under.of, backup: `${under.of.backup}-weekly` };
      expect(await method.list(other)).toEqual([]);
      await expect(method.find({ ...other, id })).rejects.toMatchObject({ name: under.missing });
    });

    test('keeps the label that a person gave, and shows it where its list has labels', async () => {
      const plain = await method.take(request(1));
      const labelled = await method.take(request(2, { label: 'before-upgrade' }));
      expect([plain.label, labelled.label]).toEqual([null, 'before-upgrade']);
      expect(await method.find({ ...under.of, id: labelled.id })).toMatchObject({ label: 'before-upgrade' });
      for (const { id, label } of await method.list(under.of))
        if (label !== undefined) expect(label).toBe(id === labelled.id ? 'before-upgrade' : null);
    });

    test('leaves no recovery point where its time was over', async () => {
      const reason = new RangeError('out of time');
      await expect(method.take(request(1, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
      expect(await listed()).toEqual([]);
    });

    test('proves what is stored, and not what is damaged', async () => {
      const sound = await method.take(request(1));
      const proof = await method.prove(sound);
      expect(proof.objects).toBeGreaterThan(0);
      expect(Date.parse(proof.keptUntil)).toBeGreaterThan(sound.takenAt.getTime());
      if (proof.lockedUntil !== null) expect(proof.lockedUntil).toBe(proof.keptUntil);
      const damaged = await method.take(request(2));
      await under.damage(damaged);
      await expect(method.prove(damaged)).rejects.toMatchObject({ name: 'StoredBackupUnproven' });
      expect(await method.prove(sound)).toEqual(proof);
    });

    describe('prunes', () => {
      let ids: string[];
      beforeEach(async () => {
        ids = [];
        for (const hour of [1, 2, 3]) ids.push((await method.take(request(hour))).id);
      });

      test('nothing within its retention', async () => {
        const now = new Date();
        expect(await method.prune(under.of, { now, newestVerified: ids[0] ?? '' })).toEqual({
          deletable: [],
          deleted: [],
        });
        expect(await listed()).toEqual(ids);
      });

      test('nothing while none is verified: each may be the only good one', async () => {
        const options = { now: under.afterRetention, newestVerified: null };
        expect(await method.prune(under.of, options)).toEqual({ deletable: [], deleted: [] });
        expect(await listed()).toEqual(ids);
      });

      test('only what is older than the newest verified one, and lists what it did not delete', async () => {
        const [first = '', second = '', third = ''] = ids;
        const options = { now: under.afterRetention, newestVerified: second };
        const { deletable, deleted } = await method.prune(under.of, options);
        expect(deletable).toEqual([first]);
        expect(await method.find({ ...under.of, id: third })).toMatchObject({ id: third });
        expect(await listed()).toEqual(ids.filter((id) => !deleted.includes(id)));
        expect(await method.find({ ...under.of, id: second })).toMatchObject({ id: second });
      });
    });
  });
}
