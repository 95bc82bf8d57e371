import { describe, expect, test } from 'vitest';
import {
  type Announced,
  type AnnouncementNote,
  type ClosedRecord,
  type Journal,
  type JournalRecord,
  noteOf,
  RecordMissing,
  type RecoveryPointName,
  recordKey,
} from '../../shared/journal/journal.ts';
import type { Progress } from '../../shared/progress/progress.ts';

/** A run as its state machine opens it. A test states only what differs. */
const opened: JournalRecord = {
  machine: 'backup',
  runId: 'nightly',
  startedAt: '2026-10-05T02:00:00.000Z',
  startedBy: 'schedule main-full',
  subject: 'main',
  status: 'running',
  executionArn: 'arn:aws:states:us-east-1:111122223333:execution:mailblast-backup:nightly',
};
const nameOf = ({ machine, runId, startedAt }: JournalRecord) =>
  recordKey(machine, { runId, runStartedAt: startedAt });

const copying = (bytes: number): Progress => ({ doing: 'copying rows', bytes, tasksDone: 1, tasksTotal: 2 });

const taken: ClosedRecord = {
  status: 'taken',
  reason: 'all objects are locked',
  recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
  evidence: 's3://vault/evidence/backup/nightly/run.json',
  finishedAt: '2026-10-05T02:03:00.000Z',
  rpoSeconds: 12.5,
  rtoSeconds: 0,
  label: 'before-upgrade',
};

/**
 * What every journal must do.
 *
 * @param open makes a journal for a workload of its own, which has no record yet
 */
export function journalContract(
  name: string,
  open: () => Journal & {
    /** Keeps a note, as the state machine does. */
    keep(note: AnnouncementNote): Promise<void>;
  },
): void {
  describe(`${name}, as a journal`, () => {
    test('finds a record that was written, with nothing besides, and null under any other name', async () => {
      const journal = open();
      await journal.write(opened);
      expect(await journal.find(nameOf(opened))).toEqual(opened);
      expect(await journal.find(nameOf({ ...opened, runId: 'another' }))).toBeNull();
    });

    test('keeps a record that no state machine made', async () => {
      const journal = open();
      const { executionArn: _, ...release } = { ...opened, machine: 'release', status: 'released' };
      const whole = { ...release, reason: '2 messages', messages: ['first', 'second'] };
      await journal.write(whole);
      expect(await journal.find(nameOf(release))).toEqual(whole);
    });

    test('has a record once, however often it was written', async () => {
      const journal = open();
      await journal.write(opened);
      await journal.write({ ...opened, startedBy: 'a retry' });
      expect(await journal.recent(10)).toHaveLength(1);
      expect(await journal.find(nameOf(opened))).toMatchObject({ startedBy: 'a retry' });
    });

    test('lists the newest first, and no more than asked for', async () => {
      const journal = open();
      for (const day of ['05', '03', '04'])
        await journal.write({ ...opened, runId: day, startedAt: `2026-10-${day}T02:00:00.000Z` });
      expect((await journal.recent(10)).map(({ runId }) => runId)).toEqual(['05', '04', '03']);
      expect((await journal.recent(2)).map(({ runId }) => runId)).toEqual(['05', '04']);
    });

    test('replaces the progress of a record', async () => {
      const journal = open();
      await journal.write(opened);
      await journal.reportProgress(nameOf(opened), copying(7));
      await journal.reportProgress(nameOf(opened), copying(9));
      expect(await journal.find(nameOf(opened))).toEqual({ ...opened, progress: copying(9) });
    });

    test('closes a record with its outcome, as text and numbers, and removes its progress', async () => {
      const journal = open();
      await journal.write(opened);
      await journal.reportProgress(nameOf(opened), copying(7));
      await journal.close(nameOf(opened), taken);
      expect(await journal.find(nameOf(opened))).toEqual({ ...opened, ...taken });
    });

    test('leaves out what the outcome does not know', async () => {
      const journal = open();
      await journal.write(opened);
      await journal.close(nameOf(opened), { ...taken, recoveryPoint: null, rpoSeconds: null, label: null });
      const closed = await journal.find(nameOf(opened));
      expect(closed).not.toHaveProperty('recoveryPoint');
      expect(closed).not.toHaveProperty('rpoSeconds');
      expect(closed).not.toHaveProperty('label');
    });

    test('closed twice, is as after the first time', async () => {
      const journal = open();
      await journal.write(opened);
      await journal.close(nameOf(opened), taken);
      const closed = await journal.find(nameOf(opened));
      await journal.close(nameOf(opened), taken);
      expect(await journal.find(nameOf(opened))).toEqual(closed);
    });

    test('refuses progress and outcome of a record that was never opened, and makes none', async () => {
      const journal = open();
      await expect(journal.reportProgress(nameOf(opened), copying(7))).rejects.toThrow(RecordMissing);
      await expect(journal.close(nameOf(opened), taken)).rejects.toThrow(RecordMissing);
      expect(await journal.recent(10)).toEqual([]);
    });

    test('knows the recovery points of a backup, the newest first, and of no other', async () => {
      const journal = open();
      const first = named('20261005T020000Z-1f2e3d4c-a1b2c3d4');
      const second = named('20261006T020000Z-1f2e3d4c-a1b2c3d4');
      for (const each of [second, first, { ...second, backup: 'fuller' }, { ...second, database: 'm' }])
        await journal.noteRecoveryPoint(each, { taken: by });
      const known = (point: RecoveryPointName) => ({
        ...point,
        taken: by,
        verified: null,
        read: null,
        label: null,
      });
      expect(await journal.recoveryPoints(main, 10)).toEqual([second, first].map(known));
      expect(await journal.recoveryPoints(main, 1)).toEqual([known(second)]);
      expect(await journal.recoveryPoints({ ...main, backup: 'none' }, 10)).toEqual([]);
      expect(await journal.recent(10)).toEqual([]);
    });

    test('keeps the label of a recovery point beside what is noted later, and of no other', async () => {
      const journal = open();
      const [first, second] = ['20261005T020000Z', '20261006T020000Z'].map(named) as [
        RecoveryPointName,
        RecoveryPointName,
      ];
      await journal.noteRecoveryPoint(first, { label: 'before-upgrade' });
      await journal.noteRecoveryPoint(first, { taken: by });
      await journal.noteRecoveryPoint(second, { taken: by });
      expect((await journal.recoveryPoints(main, 10)).map(({ label }) => label)).toEqual([
        null,
        'before-upgrade',
      ]);
    });

    test('keeps what was announced last of each series, and of no other, and none of it as a run', async () => {
      const journal = open();
      const series = { machine: 'backup', subject: 'main', backup: 'full' };
      const failing: Announced = {
        runId: 'nightly',
        failingSince: '2026-10-05T02:03:00.000Z',
        failures: [
          {
            way: 'failed|DatabaseUnreachable|the database was "not" copied||',
            at: '2026-10-05T02:03:00.000Z',
          },
        ],
        recoveredSince: null,
      };
      const recovered = {
        ...failing,
        failingSince: null,
        failures: [],
        recoveredSince: failing.failingSince,
      };
      expect(await journal.announced(series)).toBeNull();
      await journal.keep(noteOf(series, failing));
      expect(await journal.announced(series)).toEqual(failing);
      await journal.keep(noteOf(series, recovered));
      expect(await journal.announced(series)).toEqual(recovered);
      for (const other of [
        { ...series, backup: 'hourly' },
        { ...series, backup: undefined },
        { ...series, subject: 'mai' },
        { ...series, machine: 'replay' },
      ])
        expect(await journal.announced(other)).toBeNull();
      expect(await journal.recent(10)).toEqual([]);
    });

    test('keeps each heartbeat of a database once, the newest first, and of no other, and none of them as a run', async () => {
      const journal = open();
      const at = (time: string) => new Date(`2026-10-05T${time}Z`);
      const beats = ['01:58:00.000', '02:00:00.123', '01:59:00.000', '01:59:00.000'].map(at);
      for (const beat of beats) await journal.noteHeartbeat('main', beat);
      await journal.noteHeartbeat('main-2', at('01:59:30.000'));
      const whole = { from: at('01:58:00.000'), to: at('02:00:00.123') };
      expect(await journal.heartbeats('main', whole)).toEqual([beats[1], beats[2], beats[0]]);
      const inside = { from: at('01:58:00.001'), to: at('02:00:00.122') };
      expect(await journal.heartbeats('main', inside)).toEqual([beats[2]]);
      expect(await journal.heartbeats('mai', whole)).toEqual([]);
      expect(await journal.recent(10)).toEqual([]);
    });

    test('keeps how a recovery point was taken when it is verified, and the last verification', async () => {
      const journal = open();
      const point = named('20261005T020000Z-1f2e3d4c-a1b2c3d4');
      const once = { runId: 'restore-test-1', at: '2026-10-05T04:03:00.000Z' };
      const again = { runId: 'restore-test-2', at: '2026-10-06T04:03:00.000Z' };
      await journal.noteRecoveryPoint(point, { verified: once });
      expect(await journal.recoveryPoints(main, 10)).toEqual([
        { ...point, taken: null, verified: once, read: null, label: null },
      ]);
      await journal.noteRecoveryPoint(point, { taken: by });
      await journal.noteRecoveryPoint(point, { verified: again });
      expect(await journal.recoveryPoints(main, 10)).toEqual([
        { ...point, taken: by, verified: again, read: null, label: null },
      ]);
    });
  });
}

const main = { database: 'main', backup: 'full' };
const named = (recoveryPoint: string): RecoveryPointName => ({ ...main, recoveryPoint });
const by = { runId: 'nightly', seconds: 180.5, bytes: 2_000_000 };
