import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseTraits } from '../../shared/database/engine.ts';
import { type Scratch, type ScratchRun, scratchName } from '../../shared/restore/scratch.ts';
import { describeDisposal, type Forged } from './disposal.ts';

/** A scratch, and how a test looks at its server by other means. */
export interface ScratchUnderTest {
  readonly scratch: Scratch;
  readonly like: DatabaseTraits;
  /** Another source, which the first one's scratch does not fit. */
  readonly otherLike: DatabaseTraits;
  exists(name: string): Promise<boolean>;
  /** Tells one copy from another that was created later under its name. */
  identity(name: string): Promise<string>;
  /** Leaves something in a copy, as a load does that ends half way. */
  fill(name: string): Promise<void>;
  isEmpty(name: string): Promise<boolean>;
  /** Creates a copy by other means. @param mark text in place of the mark; null for none */
  forge(name: string, mark: string | null): Promise<void>;
  remove(name: string): Promise<void>;
}

const now = new Date('2026-10-05T04:00:00.000Z');
const later = new Date('2026-10-05T10:00:00.000Z');

/** Other tests may use the same server at the same time. */
const workload = `contract-${randomUUID()}`;

/** What is wrong with a mark, in the comment of a database. A database does not say which deployment it is of. */
const forgedMark = (mark: Forged, runId: string): string | null =>
  ({
    'no mark': null,
    'half a mark': JSON.stringify({ lifeboat: 'scratch', runId }),
    'the mark of another run': JSON.stringify({
      lifeboat: 'scratch',
      runId: 'other',
      workload,
      expiresAt: now,
    }),
    'the mark of another deployment': 'do not drop',
  })[mark];

/** What every scratch must do, besides what all disposable copies must. */
export function describeScratch(
  name: string,
  open: () => ScratchUnderTest | Promise<ScratchUnderTest>,
): void {
  describeDisposal(name, async () => {
    const { scratch, like, exists, forge, remove } = await open();
    return {
      disposal: scratch,
      workload,
      nameOf: scratchName,
      async make(run) {
        await scratch.create(run, like);
      },
      exists,
      forge: (copy, mark, runId) => forge(copy, forgedMark(mark, runId)),
      remove,
    };
  });

  describe(`${name}, as a scratch`, () => {
    let under: ScratchUnderTest;
    let scratch: Scratch;
    beforeAll(async () => {
      under = await open();
      ({ scratch } = under);
    });

    const newRun = (difference: Partial<ScratchRun> = {}): ScratchRun => ({
      runId: randomUUID(),
      workload,
      expiresAt: later,
      ...difference,
    });

    test('is created empty under a name of its run', async () => {
      const run = newRun();
      const { dbname } = await scratch.create(run, under.like);
      expect(dbname).toBe(scratchName(run.runId));
      expect(await under.isEmpty(dbname)).toBe(true);
      await scratch.drop(run.runId);
    });

    test('is not shared by two attempts that claim it at the same moment: the later one gets a new one', async () => {
      const run = newRun();
      const { dbname } = await scratch.create(run, under.like);
      const created = await under.identity(dbname);
      await Promise.all([scratch.claim(run, under.like), scratch.claim(run, under.like)]);
      expect(await under.identity(dbname)).not.toBe(created);
      await scratch.drop(run.runId);
    });

    test('is created once for a run: creating it again and claiming it give the same', async () => {
      const run = newRun();
      const { dbname } = await scratch.create(run, under.like);
      const created = await under.identity(dbname);
      await scratch.create(run, under.like);
      expect(await under.identity(dbname)).toBe(created);
      expect(await scratch.claim(run, under.like)).toMatchObject({ dbname });
      expect(await under.identity(dbname)).toBe(created);
      expect(await under.isEmpty(dbname)).toBe(true);
      await scratch.drop(run.runId);
    });

    test('is opened again after a load, as it is, and not once it is gone', async () => {
      const run = newRun();
      const { dbname } = await scratch.claim(run, under.like);
      const claimed = await under.identity(dbname);
      await under.fill(dbname);
      expect(await scratch.open(run.runId, under.like)).toMatchObject({ dbname });
      expect(await under.identity(dbname)).toBe(claimed);
      expect(await under.isEmpty(dbname)).toBe(false);
      await scratch.drop(run.runId);
      await expect(scratch.open(run.runId, under.like)).rejects.toMatchObject({ name: 'ScratchMissing' });
    });

    test('is empty and new for a load that is repeated after half of it', async () => {
      const run = newRun();
      const { dbname } = await scratch.create(run, under.like);
      await scratch.claim(run, under.like);
      const first = await under.identity(dbname);
      await under.fill(dbname);
      await scratch.claim(run, under.like);
      expect(await under.isEmpty(dbname)).toBe(true);
      expect(await under.identity(dbname)).not.toBe(first);
      await scratch.drop(run.runId);
    });

    test('is new for a load that is repeated before it wrote: an earlier one may still be at work', async () => {
      const run = newRun();
      const { dbname } = await scratch.claim(run, under.like);
      const first = await under.identity(dbname);
      await scratch.claim(run, under.like);
      expect(await under.identity(dbname)).not.toBe(first);
      await scratch.drop(run.runId);
    });

    test('is new for a run that starts over after a load', async () => {
      const run = newRun();
      const { dbname } = await scratch.claim(run, under.like);
      await under.fill(dbname);
      await scratch.create(run, under.like);
      expect(await under.isEmpty(dbname)).toBe(true);
      await scratch.drop(run.runId);
    });

    test('is created by a load that finds none', async () => {
      const run = newRun();
      const { dbname } = await scratch.claim(run, under.like);
      expect(await under.isEmpty(dbname)).toBe(true);
      await scratch.drop(run.runId);
    });

    test('is new for a run that chose a recovery point of another source', async () => {
      const run = newRun();
      const { dbname } = await scratch.create(run, under.like);
      const first = await under.identity(dbname);
      await scratch.claim(run, under.otherLike);
      expect(await under.identity(dbname)).not.toBe(first);
      await scratch.drop(run.runId);
    });

    test('of one run is not that of another', async () => {
      const [one, other] = [newRun(), newRun()];
      await scratch.create(one, under.like);
      await scratch.create(other, under.like);
      await scratch.drop(one.runId);
      expect(await under.exists(scratchName(other.runId))).toBe(true);
      await scratch.drop(other.runId);
    });

    test('cannot be created with an encoding that the server does not have', async () => {
      await expect(scratch.create(newRun(), { ...under.like, encoding: 'EUC_MOON' })).rejects.toMatchObject({
        name: 'ScratchUnsuitable',
      });
    });

    test.each([
      ['has no mark', () => null],
      ['has a note of a person', () => 'do not drop'],
      ['carries half a mark', (runId: string) => JSON.stringify({ lifeboat: 'scratch', runId })],
      [
        'carries the mark of another run',
        () => JSON.stringify({ lifeboat: 'scratch', runId: 'other', workload, expiresAt: now }),
      ],
    ])('is not claimed where it %s', async (_, markOf) => {
      const run = newRun();
      const copy = scratchName(run.runId);
      await under.forge(copy, markOf(run.runId));
      const forged = await under.identity(copy);
      await expect(scratch.claim(run, under.like)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
      expect(await under.identity(copy)).toBe(forged);
      await under.remove(copy);
    });

    test('with a mark of an earlier release counts as claimed', async () => {
      const run = newRun();
      const copy = scratchName(run.runId);
      const { runId } = run;
      await under.forge(copy, JSON.stringify({ lifeboat: 'scratch', runId, workload, expiresAt: later }));
      await under.fill(copy);
      await scratch.claim(run, under.like);
      expect(await under.isEmpty(copy)).toBe(true);
      await scratch.drop(runId);
    });

    test('is swept also where it was claimed; what only has a similar name is not looked at', async () => {
      const claimed = (await scratch.claim(newRun({ expiresAt: now }), under.like)).dbname;
      const similar = `lifeboat1scratch_${randomUUID().slice(0, 8)}`;
      await under.forge(similar, null);
      const sweep = await scratch.sweep(workload, now);
      expect(sweep.dropped).toEqual([claimed]);
      expect([...sweep.kept, ...sweep.unmarked]).not.toContain(similar);
      expect(await Promise.all([claimed, similar].map(under.exists))).toEqual([false, true]);
      await under.remove(similar);
    });

    test('that was created again is swept by its new expiry', async () => {
      const run = newRun({ expiresAt: now });
      const { dbname } = await scratch.create(run, under.like);
      await scratch.claim({ ...run, expiresAt: later }, under.like);
      expect((await scratch.sweep(workload, now)).kept).toContain(dbname);
      await scratch.drop(run.runId);
    });
  });
}
