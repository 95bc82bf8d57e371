import { describe, expect, test } from 'vitest';
import type { handler as copyDatabase } from '../../functions/backup/copy-database.ts';
import type { handler as keepPointInTime } from '../../functions/backup/keep-point-in-time.ts';
import type { handler as proveSnapshot } from '../../functions/backup/prove-snapshot.ts';
import type { handler as proveStored } from '../../functions/backup/prove-stored.ts';
import type { handler as pruneSnapshots } from '../../functions/backup/prune-snapshots.ts';
import type { handler as takeSnapshot } from '../../functions/backup/take-snapshot.ts';
import type { RunReport } from '../../shared/run/report.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { describeInputCheck } from './describe-input-check.ts';
import { closed, describeRunKeeping, opened, recorded } from './describe-run-keeping.ts';
import { type Answer, arnOf } from './functions.ts';
import {
  type Answers,
  argumentsOf,
  caughtFrom,
  executionArn,
  failures,
  machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';

const machine = machineUnderTest('backup');
const { walk } = machine;

const input = { database: 'main', backup: 'full', startedBy: 'schedule main-full' };
const recoveryPoint = '20260301T030000Z-5f0c1a2b-9d8e7f6a';

const copied: Answer<typeof copyDatabase> = {
  startedAt: '2026-03-01T03:00:01.000Z',
  finishedAt: '2026-03-01T03:04:11.000Z',
  backup: 'full',
  recoveryPoint,
  snapshotAt: '2026-03-01T03:00:02.000Z',
  heartbeatAt: '2026-03-01T02:59:30.000Z',
  tables: 12,
  rows: 1_204_331,
  rawBytes: 734_003_200,
  storedBytes: 104_857_600,
};
const proven: Answer<typeof proveStored> = {
  startedAt: '2026-03-01T03:04:12.000Z',
  finishedAt: '2026-03-01T03:04:15.000Z',
  objects: 31,
  keptUntil: '2026-03-31T03:00:02.000Z',
  lockedUntil: '2026-03-31T03:00:02.000Z',
  summary: '12 tables, 1204331 rows in 31 objects, locked until 2026-03-31T03:00:02.000Z',
};
const work: Answers = {
  'Copy the database': lambdaReturns(copied),
  'Prove what was stored': lambdaReturns(proven),
};
const taken: RunReport = {
  machine: 'backup',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('backup'),
  startedBy: 'schedule main-full',
  subject: 'main',
  outcome: 'taken',
  reason: proven.summary,
  failure: null,
  facts: { recoveryPoint },
  steps: { copy: copied, prove: proven },
};
const nothingToBackUp = lambdaThrows('NothingToBackUp', 'database "main" has no tables to back up');
const uncopied: RunReport = {
  ...taken,
  outcome: 'failed',
  reason: 'the database was not copied: NothingToBackUp',
  failure: caughtFrom(nothingToBackUp),
  facts: {},
  steps: {},
};

const unreachable = lambdaThrows('DatabaseUnreachable', 'database "main" could not be entered');
const unproven = lambdaThrows('StoredBackupUnproven', 'rows/0/0.lbk is not locked');

/** The copy ends like this; later steps succeed. */
const copyEnds = (...answers: TaskResult[]) =>
  walk(input, { ...opened, 'Copy the database': answers, ...closed });
/** The copy succeeds and the proof ends like this; later steps succeed. */
const proofEnds = (...answers: TaskResult[]) =>
  walk(input, { ...opened, ...work, 'Prove what was stored': answers, ...closed });

describeInputCheck(machine, { name: 'backup', input });

describeRunKeeping(machine, {
  name: 'backup',
  input,
  work,
  report: taken,
  terminal: 'BackupTaken',
  unopened: 'failed',
  called: 'BACKUP',
});

describe('a backup', () => {
  test('that is copied and proven is taken', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    expect(argumentsOf(run, 'Copy the database')).toEqual([
      {
        FunctionName: arnOf('CopyDatabase'),
        Payload: {
          runId: 'nightly-1',
          runStartedAt: startedAt,
          database: 'main',
          backup: 'full',
          label: null,
        },
      },
    ]);
    expect(argumentsOf(run, 'Prove what was stored')).toEqual([
      { FunctionName: arnOf('ProveStored'), Payload: { database: 'main', backup: 'full', recoveryPoint } },
    ]);
    expect(run.visited).toEqual([
      'Check the input',
      'Claim the run',
      'Is the run ours',
      'Open the run',
      'By which method',
      'Copy the database',
      'Prove what was stored',
      'Record the run',
      'Is it news',
      'Announce the outcome',
      'Is it to be noted',
      'Did the run succeed',
      'BackupTaken',
    ]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        runId: 'nightly-1',
        outcome: 'taken',
        reason: taken.reason,
        evidence: recorded.evidence,
      },
    });
  });

  test('of a source without a heartbeat is taken all the same', async () => {
    const run = await walk(input, {
      ...opened,
      ...work,
      'Copy the database': lambdaReturns({ ...copied, heartbeatAt: null }),
      ...closed,
    });
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...taken, steps: { copy: { ...copied, heartbeatAt: null }, prove: proven } },
    ]);
  });

  test('with a label hands it on, and refuses one that no tag could have', async () => {
    const run = await walk(
      { ...input, label: 'release/7:before-upgrade' },
      { ...opened, ...work, ...closed },
    );
    expect(payloadsOf(run, 'Copy the database')).toMatchObject([{ label: 'release/7:before-upgrade' }]);
    const refused = await walk({ ...input, label: 'before upgrade' }, {});
    expect(refused).toMatchObject({
      terminal: 'InputInvalid',
      cause: expect.stringContaining(
        'label: expected a label such as before-upgrade: at most 63 letters, digits and _ . : / = + @ -, a letter or digit first, found string before upgrade',
      ),
    });
  });

  test('whose outcome is failed is recorded, announced, and fails the execution with the cause', async () => {
    const run = await copyEnds(nothingToBackUp);
    expect(payloadsOf(run, 'Record the run')).toEqual([uncopied]);
    expect(run.visited.slice(-6)).toEqual([
      'Record the run',
      'Is it news',
      'Announce the outcome',
      'Is it to be noted',
      'Did the run succeed',
      'BackupFailed',
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'BackupFailed',
      cause: 'the database was not copied: NothingToBackUp: database "main" has no tables to back up',
    });
  });

  test('that failed and cannot be recorded is announced with both causes', async () => {
    const run = await walk(input, {
      ...opened,
      'Copy the database': nothingToBackUp,
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that recording failed': lambdaReturns({}),
    });
    const said = `ended as failed (the database was not copied: NothingToBackUp: ${caughtFrom(nothingToBackUp).cause}) and could not be recorded: AccessDenied: no`;
    expect(argumentsOf(run, 'Announce that recording failed')).toMatchObject([
      { Message: `The run ${executionArn('backup')} ${said}` },
    ]);
    expect(run).toMatchObject({ error: 'RunNotRecorded', cause: `The run ${said}` });
  });
});

describe('copying the database', () => {
  test.each([...transient.lambda, ...transient.database, ...transient.vault])(
    'goes on after %s',
    async (error) => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Copy the database': [fail(error), lambdaReturns(copied)],
        ...closed,
      });
      const [first, second] = argumentsOf(run, 'Copy the database');
      expect(second).toEqual(first);
      expect(payloadsOf(run, 'Record the run')).toEqual([taken]);
      expect(run.terminal).toBe('BackupTaken');
    },
  );

  test('of a database that stays unreachable is given up after three retries', async () => {
    const run = await copyEnds(...failures(4, unreachable));
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...uncopied,
        reason: 'the database was not copied: DatabaseUnreachable',
        failure: caughtFrom(unreachable),
      },
    ]);
    expect(run).toMatchObject({ status: 'FAILED', terminal: 'BackupFailed' });
  });

  test('that never answers is given up, not tried again', async () => {
    const run = await copyEnds(lambdaReturns(copied, { after: 931 }));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        reason: 'the database was not copied: States.Timeout',
        failure: { error: 'States.Timeout' },
      },
    ]);
    expect(run).toMatchObject({ terminal: 'BackupFailed', elapsedSeconds: 930 });
  });

  test('that ran out of memory is no reason to try again', async () => {
    const run = await copyEnds(lambdaThrows('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited'));
    expect(run.cause).toBe(
      'the database was not copied: Runtime.ExitError: RequestId: 1 Error: Runtime exited',
    );
  });
});

describe('proving what was stored', () => {
  test.each(transient.lambda)('goes on after %s', async (error) => {
    const run = await proofEnds(fail(error), lambdaReturns(proven));
    const [first, second] = argumentsOf(run, 'Prove what was stored');
    expect(second).toEqual(first);
    expect(payloadsOf(run, 'Record the run')).toEqual([taken]);
  });

  test('in vain fails the backup, and the record still names the recovery point', async () => {
    const run = await proofEnds(unproven);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...taken,
        outcome: 'failed',
        reason: 'the copy is not proven to be in the vault: StoredBackupUnproven',
        failure: caughtFrom(unproven),
        steps: { copy: copied },
      },
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'BackupFailed',
      cause: 'the copy is not proven to be in the vault: StoredBackupUnproven: rows/0/0.lbk is not locked',
    });
  });

  test('is given up after three retries', async () => {
    const run = await proofEnds(...failures(4, fail('Lambda.ServiceException', 'Internal error')));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        outcome: 'failed',
        failure: { error: 'Lambda.ServiceException', cause: 'Internal error' },
      },
    ]);
    expect(run.terminal).toBe('BackupFailed');
  });

  test('that never answers fails the backup', async () => {
    const run = await proofEnds(lambdaReturns(proven, { after: 331 }));
    expect(run).toMatchObject({ terminal: 'BackupFailed', elapsedSeconds: 330 });
  });
});

describe('a snapshot of RDS', () => {
  const of = { database: 'main', backup: 'hourly' };
  const looked = { startedAt: startedAt, finishedAt: '2026-03-01T03:20:00.000Z' };
  const pending = (waitingFor: string): Answer<typeof takeSnapshot> => ({
    ...looked,
    backup: 'hourly',
    recoveryPoint: null,
    complete: false,
    waitingFor,
    snapshotAt: null,
    gibibytes: null,
  });
  const complete: Answer<typeof takeSnapshot> = {
    ...looked,
    backup: 'hourly',
    recoveryPoint: '20260301T030000Z-0123456789abcdef',
    complete: true,
    waitingFor: null,
    snapshotAt: '2026-03-01T03:00:05.000Z',
    gibibytes: 20,
  };
  const kept: Answer<typeof proveSnapshot> = {
    ...looked,
    objects: 2,
    keptUntil: '2026-03-31T03:00:02.000Z',
    lockedUntil: null,
    summary: 'snapshot "a" of 20 GiB in eu-central-1 and eu-west-1',
  };
  const pruned: Answer<typeof pruneSnapshots> = { ...looked, deleted: [] };
  const snapshotWork: Answers = {
    'Take the snapshot': [
      lambdaReturns(pending('queued, because a quota of snapshots is reached')),
      lambdaReturns(pending('eu-west-1: copying')),
      lambdaReturns(complete),
    ],
    'Prove the snapshot': lambdaReturns(kept),
    'Prune the snapshots': lambdaReturns(pruned),
  };
  const snapshotTaken: RunReport = {
    ...taken,
    reason: kept.summary,
    facts: { recoveryPoint: '20260301T030000Z-0123456789abcdef' },
    steps: { snapshot: complete, prove: kept, prune: pruned },
  };
  /** A test states what differs, and which steps are not reached. */
  const snapshotRun = (difference: Answers = {}, unreached: string[] = []) => {
    const answers = Object.entries({ ...snapshotWork, ...difference });
    const reached = Object.fromEntries(answers.filter(([state]) => !unreached.includes(state)));
    return walk({ ...of, startedBy: 'schedule main-full' }, { ...opened, ...reached, ...closed });
  };
  const [PROVE, PRUNE] = ['Prove the snapshot', 'Prune the snapshots'];

  test('is looked at once a minute until it is complete, then proven, and old ones are pruned', async () => {
    const run = await snapshotRun();
    expect(payloadsOf(run, 'Take the snapshot')).toEqual(
      [1, 2, 3].map(() => ({ runId: 'nightly-1', runStartedAt: startedAt, ...of, label: null })),
    );
    expect(payloadsOf(run, 'Prove the snapshot')).toEqual([{ ...of, recoveryPoint: complete.recoveryPoint }]);
    expect(payloadsOf(run, 'Prune the snapshots')).toEqual([of]);
    expect(payloadsOf(run, 'Record the run')).toEqual([snapshotTaken]);
    expect(run).toMatchObject({ terminal: 'BackupTaken', elapsedSeconds: 120 });
    expect(run.visited).not.toContain('Copy the database');
  });

  test.each([...transient.lambda])('goes on after %s, at each step', async (error) => {
    const again = (answer: TaskResult) => [fail(error), answer];
    const run = await snapshotRun({
      'Take the snapshot': again(lambdaReturns(complete)),
      'Prove the snapshot': again(lambdaReturns(kept)),
      'Prune the snapshots': again(lambdaReturns(pruned)),
    });
    expect(payloadsOf(run, 'Record the run')).toEqual([snapshotTaken]);
  });

  test.each([
    lambdaThrows('InstanceStopped', 'RDS instance "shop" is stopped'),
    lambdaThrows('SnapshotFailed', 'snapshot "a" in eu-west-1 is failed'),
    lambdaThrows('SnapshotNotCompleted', 'snapshot "a" was not complete after 9 hours'),
  ])('that cannot be taken fails the backup at once: %o', async (failure) => {
    const run = await snapshotRun(
      {
        'Take the snapshot': [lambdaReturns(pending('eu-west-1: copying')), failure],
      },
      [PROVE, PRUNE],
    );
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'failed', failure: caughtFrom(failure), facts: {} },
    ]);
    expect(run.terminal).toBe('BackupFailed');
  });

  test('that never becomes complete ends, even if take-snapshot never gives up', async () => {
    const run = await snapshotRun(
      {
        'Take the snapshot': () => lambdaReturns(pending('eu-west-1: copying')),
      },
      [PROVE, PRUNE],
    );
    expect(payloadsOf(run, 'Take the snapshot')).toHaveLength(560);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'failed', reason: 'the snapshot was not complete when the machine had waited long enough' },
    ]);
  });

  test('that is not proven fails the backup, and nothing is pruned', async () => {
    const failure = lambdaThrows('StoredBackupUnproven', 'eu-west-1 does not have it');
    const run = await snapshotRun({ 'Prove the snapshot': failure }, [PRUNE]);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'failed', failure: caughtFrom(failure), facts: { recoveryPoint: complete.recoveryPoint } },
    ]);
    expect(run.visited).not.toContain('Prune the snapshots');
  });

  test('is taken although old ones cannot be pruned', async () => {
    const failure = lambdaThrows('AccessDenied', 'no');
    const run = await snapshotRun({ 'Prune the snapshots': failure });
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...snapshotTaken,
        steps: { snapshot: complete, prove: kept, prune: { failure: caughtFrom(failure) } },
      },
    ]);
    expect(run.terminal).toBe('BackupTaken');
  });

  describe.each([
    ['Take the snapshot', [PROVE, PRUNE], 'BackupFailed'],
    ['Prove the snapshot', [PRUNE], 'BackupFailed'],
    ['Prune the snapshots', [], 'BackupTaken'],
  ])('is given up at "%s"', (state, unreached, terminal) => {
    test.each([
      ['Lambda.ServiceException', 3],
      ['Lambda.TooManyRequestsException', 8],
    ])('where %s stays after %i retries', async (error, retries) => {
      const answers = { [state]: failures(retries + 1, fail(error, 'no')) };
      expect(await snapshotRun(answers, unreached)).toMatchObject({ terminal });
    });
  });
});

describe('point in time on RDS', () => {
  const of = { database: 'main', backup: 'any-moment' };
  const answer = (difference: Partial<Answer<typeof keepPointInTime>>): Answer<typeof keepPointInTime> => ({
    startedAt,
    finishedAt: '2026-03-01T03:20:00.000Z',
    backup: 'any-moment',
    recoveryPoint: null,
    complete: false,
    waitingFor: 'eu-west-1: creating',
    earliestAt: null,
    latestAt: null,
    copiedTo: null,
    summary: null,
    ...difference,
  });
  const kept = answer({
    recoveryPoint: '20260301T031600Z',
    complete: true,
    waitingFor: null,
    earliestAt: '2026-02-01T00:00:00.000Z',
    latestAt: '2026-03-01T03:16:00.000Z',
    copiedTo: '2026-03-01T03:11:00.000Z',
    summary: '"shop" can be restored to any moment',
  });
  const keeping = (...answers: TaskResult[]) =>
    walk(
      { ...of, startedBy: 'schedule main-full' },
      { ...opened, 'Keep the point in time': answers, ...closed },
    );

  test('is looked at once a minute until any moment is kept', async () => {
    const run = await keeping(lambdaReturns(answer({})), lambdaReturns(kept));
    expect(payloadsOf(run, 'Keep the point in time')).toEqual(
      [1, 2].map(() => ({ runId: 'nightly-1', runStartedAt: startedAt, ...of, label: null })),
    );
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        outcome: 'taken',
        reason: '"shop" can be restored to any moment',
        facts: { recoveryPoint: '20260301T031600Z' },
        steps: { pointInTime: kept },
      },
    ]);
    expect(run).toMatchObject({ terminal: 'BackupTaken', elapsedSeconds: 60 });
  });

  test.each([
    lambdaThrows('AutomatedBackupsOff', 'automated backups of RDS instance "shop" are off'),
    lambdaThrows('ArchiveLate', 'the newest moment is 21m old'),
    lambdaThrows('AccessDenied', 'no'),
  ])('that is not kept fails the backup at once: %o', async (failure) => {
    const run = await keeping(lambdaReturns(answer({})), failure);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'failed', failure: caughtFrom(failure), facts: {} },
    ]);
    expect(run.terminal).toBe('BackupFailed');
  });

  test('that is never kept ends, even if keep-point-in-time never gives up', async () => {
    const looks = Array.from({ length: 560 }, () => lambdaReturns(answer({})));
    const run = await keeping(...looks);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'failed', reason: 'no point in time was kept when the machine had waited long enough' },
    ]);
  });

  test.each([
    ['Lambda.ServiceException', 3],
    ['Lambda.TooManyRequestsException', 8],
  ])('goes on after %s, and is given up after %d retries', async (error, times) => {
    const broken = (count: number) => failures(count, fail(error, 'Internal error'));
    expect(await keeping(...broken(times), lambdaReturns(kept))).toMatchObject({ terminal: 'BackupTaken' });
    expect(await keeping(...broken(times + 1))).toMatchObject({ terminal: 'BackupFailed' });
  });
});

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
