import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Disposal, ScratchRun } from '../../shared/restore/scratch.ts';

/** Disposable copies, and how a test looks at them by other means. */
export interface DisposalUnderTest {
  readonly disposal: Disposal;
  /** Of the disposal. Other tests may use the same place at the same time. */
  readonly workload: string;
  nameOf(runId: string): string;
  /** Makes the copy of a run. Made again, it is the same copy. */
  make(run: ScratchRun): Promise<void>;
  /** Whether the copy is there, and not about to go. */
  exists(name: string): Promise<boolean>;
  /** Makes a copy by other means. @param mark what is wrong with its mark */
  forge(name: string, mark: Forged, runId: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export type Forged = 'no mark' | 'half a mark' | 'the mark of another run' | 'the mark of another deployment';

const now = new Date('2026-10-05T04:00:00.000Z');
const later = new Date('2026-10-05T10:00:00.000Z');

/** What everything must do that gets rid of copies: scratch databases have more to do (describeScratch). */
export function describeDisposal(
  name: string,
  open: () => DisposalUnderTest | Promise<DisposalUnderTest>,
): void {
  describe(`${name}, to be got rid of`, () => {
    let under: DisposalUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    const newRun = (difference: Partial<ScratchRun> = {}): ScratchRun => ({
      runId: randomUUID(),
      workload: under.workload,
      expiresAt: later,
      ...difference,
    });

    test('is made once for a run, however often, and dropped once', async () => {
      const run = newRun();
      await under.make(run);
      await under.make(run);
      const copy = under.nameOf(run.runId);
      expect(await under.exists(copy)).toBe(true);
      expect(await under.disposal.drop(run.runId)).toEqual({ dropped: true });
      expect(await under.exists(copy)).toBe(false);
      expect(await under.disposal.drop(run.runId)).toEqual({ dropped: false });
    });

    test.each<Forged>([
      'no mark',
      'half a mark',
      'the mark of another run',
      'the mark of another deployment',
    ])('is neither dropped nor adopted with %s', async (mark) => {
      const run = newRun();
      const copy = under.nameOf(run.runId);
      await under.forge(copy, mark, run.runId);
      await expect(under.disposal.drop(run.runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
      await expect(under.make(run)).rejects.toMatchObject({
        name: expect.stringMatching(/^(?:ScratchNotOurs|InstanceNameTaken)$/),
      });
      expect(await under.exists(copy)).toBe(true);
      await under.remove(copy);
    });

    test('is swept once it has expired; what is in use, of others or without a mark stays', async () => {
      const [expired, inUse, foreign, unmarked] = [
        newRun({ expiresAt: now }),
        newRun({ expiresAt: new Date(now.getTime() + 1) }),
        newRun({ expiresAt: new Date('2020-01-01T00:00:00Z'), workload: 'marimo-erp' }),
        newRun(),
      ];
      await Promise.all([expired, inUse, foreign].map((run) => under.make(run)));
      await under.forge(under.nameOf(unmarked.runId), 'no mark', unmarked.runId);
      const names = [expired, inUse, foreign, unmarked].map(({ runId }) => under.nameOf(runId));
      const sweep = await under.disposal.sweep(under.workload, now);
      const ofThisTest = (found: readonly string[]) => found.filter((each) => names.includes(each));
      expect(ofThisTest(sweep.dropped)).toEqual([names[0]]);
      expect(ofThisTest(sweep.kept)).toEqual([names[1], names[2]].sort());
      expect(ofThisTest(sweep.unmarked)).toEqual([names[3]]);
      expect(sweep.failed).toEqual([]);
      expect(await Promise.all(names.map((each) => under.exists(each)))).toEqual([false, true, true, true]);
      for (const each of names.slice(1)) await under.remove(each);
    });
  });
}
