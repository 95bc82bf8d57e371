import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readChecks, storeChecks } from '../../../shared/evidence/checks-store.ts';
import { checksKey, evidenceKey } from '../../../shared/evidence/evidence-key.ts';
import type { ClosedRecord } from '../../../shared/journal/journal.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { type Account, sum } from '../../../shared/replay/account/account.ts';
import { composeEvidence } from '../../../shared/run/compose-evidence.ts';
import { Evidence } from '../../../shared/run/evidence.ts';
import { fullReason } from '../../../shared/run/full-reason.ts';
import { kindOf } from '../../../shared/run/kinds.ts';
import { createRecordRun, type Recorded } from '../../../shared/run/record-run.ts';
import type { AnyReport, ReportOf } from '../../../shared/run/report.ts';
import type { CheckResult } from '../../../shared/validation/verdict.ts';
import { ObjectExists } from '../../../shared/vault/vault.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { memoryVault } from '../vault/memory-vault.ts';

let plan: Plan;
beforeAll(async () => {
  plan = await loadPlan('plans/mailblast.yml');
});

const now = new Date('2026-10-05T04:03:20.000Z');
const runId = 'restore-test-20261005';
const run = { machine: 'restore-test', runId, runStartedAt: '2026-10-05T04:00:00.000Z' };
const check: CheckResult = {
  kind: 'tables',
  name: 'every table came back',
  outcome: 'passed',
  expected: '9',
  found: '9',
};

/** What the restore-test machine reports of a run that went well. */
const report: ReportOf<'restore-test'> = {
  runId,
  runStartedAt: '2026-10-05T04:00:00.000Z',
  machine: 'restore-test',
  executionArn:
    'arn:aws:states:us-east-1:111122223333:execution:mailblast-restore-test:restore-test-20261005',
  startedBy: 'schedule nightly-restore-test',
  subject: 'nightly',
  outcome: 'verified',
  reason: '12 checks passed',
  failure: null,
  facts: { recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4' },
  steps: {
    load: {
      startedAt: '2026-10-05T04:00:10.000Z',
      finishedAt: '2026-10-05T04:01:40.000Z',
      tables: 1,
      rows: 9,
      rawBytes: 81,
      notices: [],
    },
    validate: {
      startedAt: '2026-10-05T04:01:41.000Z',
      finishedAt: '2026-10-05T04:03:00.000Z',
      verdict: 'verified',
      reason: '12 checks passed',
      checks: 12,
      recoveredTo: '2026-10-05T01:59:30.000Z',
    },
  },
};
const compose = (difference: Partial<AnyReport> = {}) => {
  const changed: AnyReport = { ...report, ...difference };
  const inForce = { plan, version: '0123456789ab' };
  return composeEvidence(inForce, kindOf(changed.machine), changed, [check], now);
};

const account: Account = { ...sum([]), received: 10, delivered: 10, attempts: 10 };

/** The objectives of a replay that settled its account so, ten minutes after the onset. */
function replayed(settled: object | null = {}, difference: Partial<AnyReport> = {}) {
  const step = {
    startedAt: '2026-10-05T04:09:59.000Z',
    finishedAt: '2026-10-05T04:10:00.000Z',
    account,
    left: 0,
  };
  return compose({
    machine: 'replay',
    subject: 'webhook-events',
    outcome: 'replayed',
    facts: { incident: { failedAt: '2026-10-05T04:00:00.000Z' } },
    steps: settled === null ? {} : { account: { ...step, ...settled } },
    ...difference,
  }).objectives;
}

describe('composeEvidence', () => {
  test('tells the whole run', () => {
    const evidence = compose();
    expect(Evidence.parse(evidence)).toEqual(evidence);
    expect(evidence).toEqual({
      format: 'lifeboat-evidence-1',
      machine: 'restore-test',
      runId,
      executionArn: report.executionArn,
      startedBy: report.startedBy,
      startedAt: '2026-10-05T04:00:00.000Z',
      finishedAt: '2026-10-05T04:03:20.000Z',
      workload: 'mailblast',
      subject: 'nightly',
      planVersion: '0123456789ab',
      outcome: 'verified',
      reason: '12 checks passed',
      failure: null,
      leftBehind: null,
      incident: null,
      recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
      phases: [
        { name: 'load', seconds: 90 },
        { name: 'validate', seconds: 79 },
      ],
      steps: report.steps,
      checks: [check],
      account: null,
      // The plan's restore test is held against database-corruption: RPO 15m, RTO 20m.
      objectives: {
        scenario: 'database-corruption',
        // A daily backup, and a freshness of 5 minutes.
        rpo: { basis: 'estimated', seconds: 7_230, targetSeconds: 86_700, met: true, judgedBy: 'schedule' },
        rto: { basis: 'estimated', seconds: 180, targetSeconds: 1_200, met: true },
        worstLoss: { seconds: 86_400, targetSeconds: 900, met: false },
      },
    });
  });

  test('measures an incident from its onset, against its own scenario', () => {
    const incident = { failedAt: '2026-10-05T02:00:00.000Z', scenario: 'queue-corruption' };
    const { objectives } = compose({ facts: { incident } });
    expect(objectives).toEqual({
      scenario: 'queue-corruption',
      rpo: { basis: 'measured', seconds: 30, targetSeconds: 300, met: true },
      rto: { basis: 'measured', seconds: 7_380, targetSeconds: 900, met: false },
      worstLoss: { seconds: 86_400, targetSeconds: 300, met: false },
    });
  });

  test('holds a scenario that the plan does not know against the general objectives', () => {
    const incident = { failedAt: '2026-10-05T02:00:00.000Z', scenario: 'flood' };
    expect(compose({ facts: { incident } }).objectives?.rto.targetSeconds).toBe(1_800);
  });

  test.each(['rejected', 'not-proven'] as const)(
    'measures nothing where the run ended %s, whatever its validation answered',
    (outcome) => {
      const { objectives } = compose({ outcome });
      expect(objectives?.rpo).toMatchObject({ basis: 'not-measured', seconds: null, met: null });
      expect(objectives?.rto).toMatchObject({ basis: 'not-measured', seconds: null, met: null });
    },
  );

  test('of a backup has no recovery times', () => {
    expect(compose({ machine: 'backup', outcome: 'taken' }).objectives).toBeNull();
  });

  test('of something that the plan does not have measures nothing', () => {
    expect(compose({ subject: 'constructor', outcome: 'not-proven' }).objectives).toBeNull();
    expect(replayed({}, { subject: 'nothing', outcome: 'not-proven' })).toBeNull();
  });

  test('of a replay that emptied its queue has recovered all since the onset', () => {
    expect(replayed()).toEqual({
      scenario: 'webhook-failure',
      rpo: { basis: 'measured', seconds: 0, targetSeconds: 900, met: true },
      rto: { basis: 'measured', seconds: 600, targetSeconds: 1_200, met: true },
    });
  });

  test('of a replay counts what went back for a while and was delivered later', () => {
    expect(replayed({ account: { ...account, received: 12, returned: 2 } })?.rto.seconds).toBe(600);
  });

  test('of a replay that put something into quarantine does not say that nothing was lost', () => {
    expect(replayed({ account: { ...account, delivered: 9, quarantined: 1 } })).toMatchObject({
      rpo: { basis: 'not-measured', seconds: null },
      rto: { basis: 'measured', seconds: 600 },
    });
  });

  test.each([
    ['left something in the queue', { left: 1 }, {}],
    ['stopped', {}, { outcome: 'stopped' as const }],
    ['did not come to count', null, {}],
  ])('of a replay that %s measures nothing', (_, step, difference) => {
    expect(replayed(step, difference)).toMatchObject({
      rpo: { basis: 'not-measured' },
      rto: { basis: 'not-measured' },
    });
  });

  const thrown = (errorType: string, errorMessage: string) => ({
    error: errorType,
    cause: JSON.stringify({ errorType, errorMessage, trace: [] }),
  });

  test('keeps the error of the step that failed, with its cause in words', () => {
    const failure = thrown('DatabaseUnreachable', 'no route');
    expect(compose({ outcome: 'not-proven', facts: {}, failure })).toMatchObject({
      failure: { error: 'DatabaseUnreachable', cause: 'no route' },
      recoveryPoint: null,
    });
    const silent = compose({ failure: { error: 'States.Timeout', cause: null } });
    expect(silent.failure).toEqual({ error: 'States.Timeout', cause: 'no cause was given' });
  });

  test('keeps the error of a step without which the run went on, with its cause in words', () => {
    const { load } = report.steps;
    const steps = { load: load ?? {}, tearDown: { failure: thrown('ScratchNotOurs', 'drop it by hand') } };
    const evidence = compose({ steps });
    expect(evidence.steps).toEqual({
      load,
      tearDown: { failure: { error: 'ScratchNotOurs', cause: 'drop it by hand' } },
    });
    expect(evidence.failure).toBeNull();
    expect(evidence.phases.map(({ name }) => name)).toEqual(['load']);
  });

  test('leaves a step alone that answered something else under that name', () => {
    const steps = { probe: { failure: 'none' } };
    expect(compose({ steps }).steps).toEqual(steps);
  });
});

describe('the full reason of a run', () => {
  test('is its reason, and the cause where something failed', () => {
    const reason = 'the load did not come to its end: DatabaseUnreachable';
    expect(fullReason({ reason: '12 checks passed', failure: null })).toBe('12 checks passed');
    expect(fullReason({ reason, failure: { error: 'DatabaseUnreachable', cause: 'no route' } })).toBe(
      `${reason}: no route`,
    );
  });

  test('is no longer than Step Functions keeps the cause of an execution', () => {
    const failure = { error: 'Broken', cause: 'x'.repeat(40_000) };
    expect(fullReason({ reason: 'it broke', failure }).length).toBeLessThan(32_768);
  });
});

describe('recordRun', () => {
  let events: string[];
  let closed: [string, ClosedRecord][];
  let vault: ReturnType<typeof memoryVault>;
  let journal: ReturnType<typeof memoryJournal>;

  beforeEach(async () => {
    events = [];
    closed = [];
    vault = memoryVault();
    journal = memoryJournal();
    const { put } = vault;
    vault.put = (key, ...rest) => {
      events.push(`evidence ${key}`);
      return put(key, ...rest);
    };
  });

  const recordRun = (at = now) =>
    createRecordRun({
      plan,
      version: '0123456789ab',
      clock: { now: () => at },
      vault,
      vaultLocation: 's3://vault',
      journal: {
        ...journal,
        close: async (record, outcome) => {
          events.push('journal');
          closed.push([record, outcome]);
        },
      },
      publish: () => events.push('metrics'),
    });
  /** The machine has announced the run. */
  const kept = async ({ note }: Pick<Recorded, 'note'>) => {
    if (note) await journal.keep(note);
  };
  const lock = { contentType: 'application/json', lockedUntil: new Date('2027-10-05T00:00:00Z') };
  const key = evidenceKey('restore-test', runId);

  test('leaves evidence, then closes the journal, then publishes metrics, and says what to announce', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    events.length = 0;
    const answer = await recordRun()(report);
    expect(events).toEqual([`evidence ${key}`, 'journal', 'metrics']);
    expect(JSON.parse((await vault.read(key)).toString())).toEqual(compose());
    expect(closed).toEqual([
      [
        '2026-10-05T04:00:00.000Z#restore-test#restore-test-20261005',
        {
          status: 'verified',
          reason: '12 checks passed',
          recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
          evidence: `s3://vault/${key}`,
          finishedAt: '2026-10-05T04:03:20.000Z',
          rpoSeconds: 7_230,
          rtoSeconds: 180,
          label: null,
        },
      ],
    ]);
    expect(answer).toMatchObject({
      evidence: `s3://vault/${key}`,
      subject: 'Lifeboat: mailblast/nightly: restore verified',
      fullReason: '12 checks passed',
    });
  });

  test('locks the evidence as long as the plan keeps it, a year unless told otherwise', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    await recordRun()(report);
    expect(vault.objects.get(key)?.lockedUntil).toEqual(new Date('2027-10-05T04:03:20.000Z'));
  });

  test('repeated, keeps the evidence that stands and closes the journal from it', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    await recordRun()(report);
    const later = recordRun(new Date('2026-10-05T04:09:00.000Z'));
    const again = await later({ ...report, outcome: 'not-proven', reason: 'the reporter stumbled' });
    expect(again.subject).toBe('Lifeboat: mailblast/nightly: restore verified');
    expect(closed[1]).toEqual(closed[0]);
    expect(JSON.parse((await vault.read(key)).toString()).finishedAt).toBe('2026-10-05T04:03:20.000Z');
  });

  test('refuses to pass the evidence of another execution off as its own', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    await recordRun()(report);
    await expect(
      recordRun()({ ...report, executionArn: `${report.executionArn}-again` }),
    ).rejects.toMatchObject({
      name: 'RunAlreadyRecorded',
    });
    expect(closed).toHaveLength(1);
  });

  test('notes that a restore test verified a recovery point, and of one that did not, nothing', async () => {
    const of = { database: 'main', backup: 'full' };
    await storeChecks(vault, run, [check], lock.lockedUntil);
    await recordRun()({ ...report, runId: 'rejected', outcome: 'rejected', steps: {} });
    expect(await journal.recoveryPoints(of, 10)).toEqual([]);
    await recordRun()(report);
    expect(await journal.recoveryPoints(of, 10)).toEqual([
      {
        ...of,
        recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
        taken: null,
        verified: { runId, at: '2026-10-05T04:03:20.000Z' },
        read: null,
        label: null,
      },
    ]);
  });

  test.each([
    ['all of it', undefined, 1],
    ['a part of it', ['public.contacts'], 0],
  ])('notes a recovery point as verified by a restore of %s that stays', async (_, only, verified) => {
    const times = { startedAt: '2026-10-05T04:00:01.000Z', finishedAt: '2026-10-05T04:03:00.000Z' };
    const validated = {
      ...times,
      verdict: 'verified',
      reason: '3 checks passed',
      checks: 1,
      recoveredTo: null,
      only,
    };
    const handOver = {
      ...times,
      database: 'a',
      login: 'a',
      owner: 'a',
      secret: 'a',
      recoveryPoint: 'id',
      validated,
    };
    const restore = { ...report, machine: 'restore', subject: 'production', outcome: 'restored' } as const;
    await storeChecks(vault, { ...run, machine: 'restore' }, [check], lock.lockedUntil);
    await recordRun()({ ...restore, steps: { validate: validated, handOver } } as never);
    await storeChecks(vault, { ...run, machine: 'restore', runId: 'again' }, [check], lock.lockedUntil);
    await recordRun()({ ...restore, runId: 'again', steps: { handOver } } as never);
    expect(await journal.recoveryPoints({ database: 'main', backup: 'full' }, 10)).toHaveLength(verified);
  });

  test('takes the checks of a copy that an earlier execution validated and handed over from that execution', async () => {
    const earlier = { ...run, machine: 'restore', runStartedAt: '2026-10-05T01:00:00.000Z' };
    await storeChecks(vault, earlier, [check], lock.lockedUntil);
    const times = { startedAt: '2026-10-05T04:00:10.000Z', finishedAt: '2026-10-05T04:00:11.000Z' };
    const validated = {
      ...times,
      verdict: 'verified',
      reason: '1 check passed',
      checks: 1,
      recoveredTo: null,
      runStartedAt: earlier.runStartedAt,
    } as const;
    const names = { database: 'a', login: 'a', owner: 'a', secret: 'a', recoveryPoint: 'id' };
    const handOver = { ...times, ...names, validated };
    const restore = { ...report, machine: 'restore', subject: 'production', outcome: 'restored' } as const;
    await recordRun()({ ...restore, steps: { handOver } } as never);
    const stored = (await vault.read(evidenceKey('restore', run.runId))).toString('utf8');
    expect(JSON.parse(stored)).toMatchObject({ outcome: 'restored', checks: [check] });
  });

  test('notes how long a backup took and how much it read, and of one that failed, nothing', async () => {
    const of = { database: 'main', backup: 'full' };
    const copy = {
      startedAt: '2026-10-05T04:00:01.000Z',
      finishedAt: '2026-10-05T04:03:00.000Z',
      backup: 'full',
      recoveryPoint: '20261005T040001Z-1f2e3d4c-a1b2c3d4',
      snapshotAt: '2026-10-05T04:00:01.000Z',
      heartbeatAt: null,
      tables: 1,
      rows: 9,
      rawBytes: 81,
      storedBytes: 40,
    };
    const backup = { ...report, machine: 'backup', subject: 'main', facts: {}, steps: { copy } };
    await recordRun()({ ...backup, runId: 'failed', outcome: 'failed' });
    expect(await journal.recoveryPoints(of, 10)).toEqual([]);
    await recordRun()({ ...backup, runId: 'taken', outcome: 'taken' });
    expect(await journal.recoveryPoints(of, 10)).toEqual([
      {
        ...of,
        recoveryPoint: copy.recoveryPoint,
        taken: { runId: 'taken', seconds: 200, bytes: 81 },
        verified: null,
        read: null,
        label: null,
      },
    ]);
  });

  test('announces a failure once, and the success after it as a recovery', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    const failed = { ...report, outcome: 'rejected', steps: {} } as const;
    const first = await recordRun()({ ...failed, runId: 'a' });
    expect(first).toMatchObject({ announce: true, occasion: 'failed' });
    await kept(first);
    expect(await recordRun()({ ...failed, runId: 'b' })).toMatchObject({ announce: false, note: null });
    expect(await recordRun()({ ...failed, runId: 'b' })).toMatchObject({ announce: false, note: null });
    for (const _ of ['recorded', 'recorded again']) {
      const answer = await recordRun()(report);
      await kept(answer);
      expect(answer).toMatchObject({ announce: true, occasion: 'recovered' });
      expect(answer.message).toContain(
        'Recovered: yes, the runs before it had failed since 2026-10-05T04:03:20',
      );
    }
  });

  test('announces again what the machine could not announce, a recovery as well', async () => {
    await storeChecks(vault, run, [check], lock.lockedUntil);
    const failed = { ...report, outcome: 'rejected', steps: {} } as const;
    await recordRun()({ ...failed, runId: 'a' });
    const heard = await recordRun()({ ...failed, runId: 'b' });
    expect(heard).toMatchObject({ announce: true, occasion: 'failed' });
    await kept(heard);
    expect(await recordRun()({ ...report, runId: 'c', steps: {} })).toMatchObject({ occasion: 'recovered' });
    expect(await recordRun()(report)).toMatchObject({ announce: true, occasion: 'recovered' });
  });

  test('announces what it cannot look up: a failure unheard is worse than one heard twice', async () => {
    const failed = { ...report, outcome: 'rejected', steps: {} } as const;
    await kept(await recordRun()({ ...failed, runId: 'a' }));
    journal.announced = () => Promise.reject(new Error('AccessDeniedException'));
    expect(await recordRun()({ ...failed, runId: 'b' })).toMatchObject({
      announce: true,
      occasion: 'failed',
    });
  });

  test('keeps the backups of one database apart', async () => {
    const failed = { ...report, machine: 'backup', subject: 'main', outcome: 'failed', steps: {} };
    for (const [id, backup] of [
      ['full-1', 'full'],
      ['hourly-1', 'hourly'],
      ['full-2', 'full'],
    ] as const)
      await journal.write({
        machine: 'backup',
        runId: id,
        startedAt: report.runStartedAt,
        startedBy: report.startedBy,
        subject: 'main',
        backup,
        status: 'running',
      });
    const answers = [];
    for (const id of ['full-1', 'hourly-1', 'full-2']) {
      const answer = await recordRun()({ ...failed, runId: id } as AnyReport);
      await kept(answer);
      answers.push(answer);
    }
    expect(answers.map(({ announce }) => announce)).toEqual([true, true, false]);
  });

  test('records a run that never came to validate, without asking for checks', async () => {
    vault.read = async () => {
      throw new Error('AccessDenied');
    };
    await recordRun()({ ...report, outcome: 'not-proven', steps: {} });
    expect(closed[0]?.[1].status).toBe('not-proven');
  });

  test('closes nothing where the evidence could not be left', async () => {
    vault.put = async () => {
      throw new Error('AccessDenied');
    };
    await expect(recordRun()({ ...report, steps: {} })).rejects.toThrow('AccessDenied');
    expect(events).toEqual([]);
  });
});

describe('the checks of a run', () => {
  const lockedUntil = new Date('2027-10-05T00:00:00Z');

  test('are read back as they were stored', async () => {
    const vault = memoryVault();
    expect(await storeChecks(vault, run, [check], lockedUntil)).toEqual([check]);
    expect(await readChecks(vault, run)).toEqual([check]);
    expect(vault.objects.get(checksKey('restore-test', run))?.lockedUntil).toEqual(lockedUntil);
  });

  test('of the first attempt stand, whatever a later one found', async () => {
    const vault = memoryVault();
    await storeChecks(vault, run, [check], lockedUntil);
    const later: CheckResult = { ...check, outcome: 'failed' };
    expect(await storeChecks(vault, run, [later], lockedUntil)).toEqual([check]);
  });

  test('of another execution of the run are its own: it may have restored another recovery point', async () => {
    const vault = memoryVault();
    await storeChecks(vault, run, [check], lockedUntil);
    const again = { ...run, runStartedAt: '2026-10-05T06:00:00.000Z' };
    const later: CheckResult = { ...check, outcome: 'failed' };
    expect(await storeChecks(vault, again, [later], lockedUntil)).toEqual([later]);
    expect(await readChecks(vault, again)).toEqual([later]);
  });

  test('are lost with an error, never in silence', async () => {
    const vault = memoryVault();
    vault.put = async () => {
      throw new Error('SlowDown');
    };
    await expect(storeChecks(vault, run, [check], lockedUntil)).rejects.toThrow('SlowDown');
    await expect(readChecks(vault, run)).rejects.not.toBeInstanceOf(ObjectExists);
  });
});
