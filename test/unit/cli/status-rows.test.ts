import { describe, expect, it } from 'vitest';
import { lossRow, openRow, queueRow, runRow, verifiedRow } from '../../../cli/render/status.ts';
import type { JournalRecord } from '../../../shared/journal/journal.ts';
import type { LossNow } from '../../../shared/objectives/loss-now.ts';
import { executionStateOf } from '../../../shared/status/execution-state.ts';

const now = new Date('2026-11-22T04:10:00Z');
const record: JournalRecord = {
  machine: 'restore-test',
  runId: 'restore-test-20261122T040000Z-3f9a1c',
  startedAt: '2026-11-22T04:00:00.000Z',
  startedBy: 'schedule nightly-restore-test',
  subject: 'nightly',
  status: 'running',
  executionArn: 'arn:execution',
};

describe('the status of a workload', () => {
  it('says what would be lost now, whether the RPO allows it, and how old the newest verified recovery point is', () => {
    const old = (ageSeconds: number) => ({ id: '20261122T040000Z-1e53f3ee-da6058ef', ageSeconds });
    const loss: LossNow = {
      database: 'main',
      backup: 'full',
      method: 'logical',
      points: 30,
      newest: old(600),
      labelled: [],
      newestVerified: old(87_000),
      targetSeconds: 900,
      met: true,
      unusual: { duration: null, size: null },
      since: null,
      copy: null,
    };
    expect(lossRow(loss).slice(2)).toEqual(['30', old(0).id, '10m', '15m: met', '1d 1h old']);
    expect(lossRow({ ...loss, newest: old(7_800), met: false }).slice(4)).toEqual([
      '2h 10m',
      '15m: missed by this backup alone',
      '1d 1h old',
    ]);
    expect(lossRow({ ...loss, points: 0, newest: null, newestVerified: null, met: false }).slice(2)).toEqual([
      '0',
      'none',
      'everything',
      '15m: missed by this backup alone',
      'none',
    ]);
    expect(lossRow({ ...loss, targetSeconds: null, met: null })[5]).toBe('any loss');
  });

  it('says that no restore was verified, and how far back it looked', () => {
    expect(verifiedRow({ restoreTest: 'nightly', record: null, evidence: null }, 100, now)).toContain(
      'not in the last 100 runs',
    );
  });

  it('does not call measured what the journal alone has, nor invent what it has not', () => {
    const done = { ...record, status: 'verified', finishedAt: '2026-11-22T04:05:00.000Z', rtoSeconds: 9 };
    expect(verifiedRow({ restoreTest: 'nightly', record: done, evidence: null }, 100, now)).toEqual([
      'nightly',
      '5m ago',
      'not measured',
      '9s',
      'unknown',
    ]);
  });

  it('shows a running run with its state and progress', () => {
    const progress = { doing: 'loading rows', bytes: 2_000_000, tasksDone: 3, tasksTotal: 9 };
    expect(
      openRow({ record, executionState: { kind: 'running', state: 'Load' }, progress }, now).slice(2),
    ).toEqual(['10m', 'Load · loading rows, 2 MB, 3 of 9']);
  });

  it('does not call running what has ended without a record', () => {
    const end = { status: 'FAILED', error: 'RunNotRecorded', cause: null } as const;
    const executionState = executionStateOf([{ kind: 'ended', end }]);
    expect(openRow({ record, executionState, progress: null }, now).at(-1)).toBe(
      'ended FAILED without a record: RunNotRecorded',
    );
  });

  it('leaves empty what a run has not measured', () => {
    expect(runRow({ ...record, machine: 'backup' })).toEqual([
      '2026-11-22 04:00:00Z',
      'backup',
      'nightly',
      'running',
      '',
      '',
      '',
      'schedule nightly-restore-test',
    ]);
  });

  it('shows a release of quarantined messages among the runs', () => {
    const { executionArn: _, ...release } = { ...record, machine: 'release', subject: 'webhook-events' };
    const finishedAt = '2026-11-22T04:00:02.000Z';
    expect(
      runRow({ ...release, status: 'released', startedBy: 'operator ada@workstation', finishedAt }),
    ).toEqual([
      '2026-11-22 04:00:00Z',
      'release',
      'webhook-events',
      'released',
      '2s',
      '',
      '',
      'operator ada@workstation',
    ]);
  });

  it('says what waits in a dead-letter queue, and how its last replay ended', () => {
    const replay: JournalRecord = {
      ...record,
      machine: 'replay',
      subject: 'webhook-events',
      status: 'stopped',
      reason: 'the target is unhealthy',
      finishedAt: '2026-11-22T04:05:00.000Z',
    };
    const queue = { queue: 'webhook-events', deadLetters: 'mailblast-dlq', lastReplay: replay };
    expect(queueRow({ ...queue, depth: { visible: 1_204, hidden: 3 } }, 1_000, now)).toEqual([
      'webhook-events',
      'mailblast-dlq',
      '1,204, 3 hidden',
      '5m ago',
      ['stopped: the target is unhealthy'],
    ]);
    const unseen = { ...queue, lastReplay: null, depth: { problem: 'there is no queue "mailblast-dlq"' } };
    expect(queueRow(unseen, 1_000, now).slice(2)).toEqual([
      ['there is no queue "mailblast-dlq"'],
      'not in the last 1,000 runs',
      '',
    ]);
  });
});
