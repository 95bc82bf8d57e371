import { beforeAll, describe, expect, test } from 'vitest';
import { evidenceKey } from '../../../shared/evidence/evidence-key.ts';
import type { JournalRecord } from '../../../shared/journal/journal.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { QueueForbidden } from '../../../shared/replay/queue/dead-letter-queue.ts';
import type { ExecutionState } from '../../../shared/status/execution-state.ts';
import { gatherStatus, type StatusPorts } from '../../../shared/status/gather.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { evidence } from '../run/evidence-fixture.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const now = new Date('2026-10-05T05:00:00.000Z');
let plan: Plan;
beforeAll(async () => {
  plan = await loadPlan('plans/mailblast.yml');
});

const backup: JournalRecord = {
  machine: 'backup',
  runId: 'backup-1',
  startedAt: '2026-10-05T02:00:00.000Z',
  startedBy: 'schedule main-full',
  subject: 'main',
  status: 'running',
  executionArn: 'arn:backup-1',
};
const verified: JournalRecord = {
  ...backup,
  machine: 'restore-test',
  subject: 'nightly',
  runId: evidence.runId,
  startedAt: evidence.startedAt,
  status: 'verified',
};
const worker = {
  owner: 'replay-1/1/0/a',
  batch: 1,
  account: { ...EMPTY_ACCOUNT, received: 20, delivered: 20 },
  savedAt: new Date('2026-10-05T04:00:00.000Z'),
  ending: null,
};

/** A workload with these records, whose queue is empty. A test states only what differs. */
const portsOf = (records: readonly JournalRecord[], others: Partial<StatusPorts> = {}): StatusPorts => ({
  plan,
  journal: memoryJournal(records),
  vault: memoryVault(),
  executions: {
    stateOf: async (): Promise<ExecutionState> => ({ kind: 'running', state: 'Copy the database' }),
    expectedMessages: async () => 90,
  },
  accountsOf: () => ({ all: async () => [worker] }),
  openQueue: async () => ({
    inspect: async () => ({ visible: 0, inFlight: 0, delayed: 0, retention: 1_209_600_000, fifo: false }),
  }),
  listEmails: async () => [],
  rdsPoints: () => {
    throw new Error('the plan has nothing in RDS');
  },
  ...others,
});

describe('the status of a workload', () => {
  test('of a new one has no record, no recovery point, and says so of each backup and database', async () => {
    expect(await gatherStatus(portsOf([]), now)).toMatchObject({
      recent: [],
      losses: [{ database: 'main', backup: 'full', points: 0, newest: null, met: false }],
      verified: [{ restoreTest: 'nightly', record: null, evidence: null }],
      open: [],
      queues: [{ queue: 'webhook-events', depth: { visible: 0, hidden: 0 }, lastReplay: null }],
    });
  });

  test('has the evidence of the last verified restore, and its record alone where the evidence is gone', async () => {
    const ports = portsOf([verified]);
    expect((await gatherStatus(ports, now)).verified).toMatchObject([{ record: verified, evidence: null }]);
    await ports.vault.put(evidenceKey('restore-test', evidence.runId), JSON.stringify(evidence), {
      contentType: 'application/json',
      lockedUntil: new Date('2027-10-05T00:00:00Z'),
    });
    expect((await gatherStatus(ports, now)).verified).toMatchObject([{ record: verified, evidence }]);
  });

  test('shows where an open run stands, with the progress that its tasks reported', async () => {
    const progress = { doing: 'copying rows', bytes: 7, tasksDone: 1, tasksTotal: 2 };
    const { open } = await gatherStatus(portsOf([{ ...backup, progress }, verified]), now);
    expect(open).toEqual([
      {
        record: { ...backup, progress },
        executionState: { kind: 'running', state: 'Copy the database' },
        progress,
      },
    ]);
  });

  test('adds up what the workers of an open replay have saved', async () => {
    const replay = { ...backup, machine: 'replay', runId: 'replay-1', subject: 'webhook-events' };
    const { open } = await gatherStatus(portsOf([replay]), now);
    expect(open[0]?.progress).toEqual({ account: worker.account, expected: 90 });
  });

  test('lists a release of quarantined messages among the runs, and takes it for no open run', async () => {
    const { executionArn: _, ...release } = { ...backup, machine: 'release', status: 'running' };
    const { recent, open } = await gatherStatus(portsOf([release]), now);
    expect(recent).toEqual([release]);
    expect(open).toEqual([]);
  });

  test('shows a run of a kind that this version does not know', async () => {
    const { open } = await gatherStatus(portsOf([{ ...backup, machine: 'failover' }]), now);
    expect(open).toMatchObject([{ record: { machine: 'failover' }, executionState: { kind: 'running' } }]);
  });

  test('says of a queue that it may not look into why, and hides nothing else', async () => {
    const openQueue = async () => {
      throw new QueueForbidden('queue "mailblast-dlq" may not be read');
    };
    const { queues, open } = await gatherStatus(portsOf([backup], { openQueue }), now);
    expect(queues).toMatchObject([{ depth: { problem: 'queue "mailblast-dlq" may not be read' } }]);
    expect(open).toHaveLength(1);
  });
});
