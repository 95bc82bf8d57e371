import { beforeAll, describe, expect, test } from 'vitest';
import { loadPlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { KINDS, kindOf } from '../../../shared/run/kinds.ts';
import { createRecordRun, type Recorded } from '../../../shared/run/record-run.ts';
import type { ReportOf } from '../../../shared/run/report.ts';
import { runEnded } from '../../../shared/run/run-ended.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { memoryVault } from '../vault/memory-vault.ts';
import { evidence } from './evidence-fixture.ts';

let plan: Plan;
beforeAll(async () => {
  plan = await loadPlan('plans/mailblast.yml');
});

const created = {
  startedAt: '2026-10-05T04:00:00.000Z',
  finishedAt: '2026-10-05T04:00:01.000Z',
  scratch: 'lifeboat_scratch_133a0cbbeb7aacdb',
  expiresAt: '2026-10-05T10:00:00.000Z',
};
const notDropped = {
  failure: {
    error: 'ScratchNotDropped',
    cause: JSON.stringify({
      errorType: 'ScratchNotDropped',
      errorMessage: 'held by a session of the role "admin"',
    }),
  },
};
const left =
  'the scratch database lifeboat_scratch_133a0cbbeb7aacdb was not dropped: held by a session of the role "admin"';

async function record(
  steps: ReportOf<'restore-test'>['steps'],
  outcome: ReportOf<'restore-test'>['outcome'] = 'verified',
): Promise<{ recorded: Recorded; journaled: string; stored: string }> {
  const vault = memoryVault();
  let journaled = '';
  const recordRun = createRecordRun({
    plan,
    version: '0123456789ab',
    clock: { now: () => new Date('2026-10-05T04:03:20.000Z') },
    vault,
    vaultLocation: 's3://vault',
    journal: {
      ...memoryJournal(),
      close: async (_, { reason }) => {
        journaled = reason;
      },
    },
    publish: () => {},
  });
  const recorded = await recordRun({
    machine: 'restore-test',
    runId: evidence.runId,
    runStartedAt: evidence.startedAt,
    executionArn: evidence.executionArn,
    startedBy: evidence.startedBy,
    subject: 'nightly',
    outcome,
    reason: '12 checks passed',
    failure: null,
    facts: {},
    steps,
  });
  const stored = (await vault.read(recorded.evidence.replace('s3://vault/', ''))).toString();
  return { recorded, journaled, stored };
}

describe('a copy that stays on the scratch server', () => {
  test('is in the evidence and in the words of a restore that is verified all the same', async () => {
    const { recorded, journaled, stored } = await record({ create: created, tearDown: notDropped });
    expect(JSON.parse(stored)).toMatchObject({
      outcome: 'verified',
      reason: `12 checks passed; left behind: ${left}`,
      leftBehind: left,
    });
    expect(journaled).toContain(left);
    expect(recorded.subject).toBe('Lifeboat: mailblast/nightly: restore verified, COPY LEFT BEHIND');
    expect(recorded.message).toContain(`Left behind: ${left}`);
    expect(recorded.fullReason).toContain(left);
  });

  test('is announced to those who hear of failures', async () => {
    expect((await record({ create: created, tearDown: notDropped })).recorded.occasion).toBe('failed');
    const dropped = { startedAt: created.startedAt, finishedAt: created.finishedAt, dropped: true };
    expect((await record({ create: created, tearDown: dropped })).recorded.occasion).toBe('succeeded');
    expect((await record({ create: created, tearDown: dropped }, 'rejected')).recorded.occasion).toBe(
      'failed',
    );
  });

  test('is said of a run that could not tell whether it was created', async () => {
    const { stored } = await record({ tearDown: notDropped }, 'not-proven');
    expect(JSON.parse(stored).leftBehind).toContain('if it was created');
  });

  test('is said of evidence of the first versions', () => {
    const steps = { tearDown: { leftToTheSweeper: 'DatabaseUnreachable: no route' } };
    expect(kindOf('restore-test').leftBehind?.({ ...evidence, steps }, plan)).toContain('no route');
  });

  test.each([
    ['still stands', { complete: false, dropped: false, waitingFor: 'RDS deletes it' }, 'RDS deletes it'],
    ['is gone', { complete: true, dropped: true, waitingFor: null }, null],
  ])('an instance that no answer named and that %s', (_, tearDown, expected) => {
    const steps = {
      tearDown: { ...tearDown, startedAt: evidence.startedAt, finishedAt: evidence.finishedAt },
    };
    const left = kindOf('restore-test').leftBehind?.({ ...evidence, steps }, plan);
    expect(left ?? null).toBe(expected && `the scratch instance of this run was not deleted: ${expected}`);
  });

  test('an instance of which no answer names it, and whose deletion failed, is not called a database', () => {
    const { subject } = evidence;
    const nightly = plan.restoreTests[subject];
    if (!nightly) throw new Error('the plan has no such test');
    const into = { scratchInstance: { securityGroups: ['sg-1'], expires: 3_600_000 } } as never;
    const restored = { ...plan, restoreTests: { [subject]: { ...nightly, into } } };
    const failure = { error: 'AccessDenied', cause: 'no policy allows rds:DeleteDBInstance' };
    const run = { ...evidence, steps: { tearDown: { failure } } };
    expect(kindOf('restore-test').leftBehind?.(run, restored)).toBe(
      `the scratch instance of this run, if it was created, was not deleted: ${failure.cause}`,
    );
    expect(kindOf('restore-test').leftBehind?.(run, plan)).toMatch(/^the scratch database of this run/);
    expect(kindOf('restore-test').leftBehind?.({ ...evidence, steps: {} }, restored)).toBeNull();
  });

  test.each([
    ['verified', 'error'],
    ['rejected', 'critical'],
    ['not-proven', 'error'],
  ] as const)('makes the outcome %s at least an error: %s', (outcome, severity) => {
    expect(runEnded({ ...evidence, outcome, leftBehind: left }, 's3://vault/run.json').severity).toBe(
      severity,
    );
  });
});

test.each(KINDS.map((kind) => [kind.name, kind] as const))(
  'a run of the kind %s is announced as succeeded if its kind calls the outcome good',
  (machine, kind) => {
    for (const [outcome, { exit }] of Object.entries(kind.outcomes)) {
      const fact = runEnded({ ...evidence, machine, outcome, steps: {} } as never, 's3://vault/run.json');
      expect(fact.occasion, outcome).toBe(exit === 'good' ? 'succeeded' : 'failed');
    }
  },
);
