import { describe, expect, test } from 'vitest';
import type { handler as chooseRecoveryPoint } from '../../functions/restore/choose-recovery-point.ts';
import type { handler as createScratch } from '../../functions/restore/create-scratch.ts';
import type { handler as dropScratch } from '../../functions/restore/drop-scratch.ts';
import type { handler as loadScratch } from '../../functions/restore/load-scratch.ts';
import type { handler as validateRestore } from '../../functions/restore/validate-restore.ts';
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
  failsWithoutCause,
  failures,
  machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';
import { describeEmptyInstance } from './restore-into-empty-instance.ts';
import { describeInstance } from './restore-into-instance.ts';

const machine = machineUnderTest('restore-test');
const { walk } = machine;

const input = { restoreTest: 'nightly', startedBy: 'schedule nightly-restore-test' };
const recoveryPoint = '20260301T030000Z-5f0c1a2b-9d8e7f6a';
const expiresAt = '2026-03-01T07:00:05.000Z';

const chosen: Answer<typeof chooseRecoveryPoint> = {
  startedAt: '2026-03-01T03:00:01.000Z',
  finishedAt: '2026-03-01T03:00:02.000Z',
  database: 'main',
  backup: 'full',
  recoveryPoint,
  snapshotAt: '2026-03-01T02:00:02.000Z',
  candidates: 30,
  hidden: [],
};
const created: Answer<typeof createScratch> = {
  startedAt: '2026-03-01T03:00:03.000Z',
  finishedAt: '2026-03-01T03:00:05.000Z',
  scratch: 'lifeboat_scratch_8f14e45fceea167a',
  expiresAt,
};
const loaded: Answer<typeof loadScratch> = {
  startedAt: '2026-03-01T03:00:06.000Z',
  finishedAt: '2026-03-01T03:06:16.000Z',
  tables: 12,
  rows: 1_204_331,
  rawBytes: 734_003_200,
  notices: [],
};
const validated: Answer<typeof validateRestore> = {
  startedAt: '2026-03-01T03:06:17.000Z',
  finishedAt: '2026-03-01T03:08:17.000Z',
  verdict: 'verified',
  reason: '21 checks passed',
  checks: 21,
  recoveredTo: '2026-03-01T01:59:30.000Z',
};
const dropped: Answer<typeof dropScratch> = {
  startedAt: '2026-03-01T03:08:18.000Z',
  finishedAt: '2026-03-01T03:08:19.000Z',
  dropped: true,
};

const tornDown: Answers = { 'Tear down the scratch database': lambdaReturns(dropped) };
const work: Answers = {
  'Choose a recovery point': lambdaReturns(chosen),
  'Create the scratch database': lambdaReturns(created),
  'Load the scratch database': lambdaReturns(loaded),
  'Validate the restored copy': lambdaReturns(validated),
  ...tornDown,
};
const steps = { choose: chosen, create: created, load: loaded, validate: validated, tearDown: dropped };
const verified: RunReport = {
  machine: 'restore-test',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('restore-test'),
  startedBy: 'schedule nightly-restore-test',
  subject: 'nightly',
  outcome: 'verified',
  reason: '21 checks passed',
  failure: null,
  facts: { recoveryPoint },
  steps,
};

/** The input of a task of the work. */
const ofRun = { runId: 'nightly-1', runStartedAt: startedAt, restoreTest: 'nightly' };
const ofPoint = { ...ofRun, recoveryPoint, instance: null };

const manifestDamaged = lambdaThrows('ManifestDamaged', 'manifests/main/full/1.json: its sha256 differs');
const pointDamaged = lambdaThrows('RecoveryPointDamaged', 'rows/0/0.lbk is missing');
const unreachable = lambdaThrows('DatabaseUnreachable', 'database "postgres" could not be entered');

/** Earlier tasks of the work return their usual results. */
function workBefore(state: string): Answers {
  const entries = Object.entries(work);
  return Object.fromEntries(entries.slice(0, Object.keys(work).indexOf(state)));
}

/**
 * Every step succeeds until this task, which ends like this.
 * Then the scratch database is dropped, and the run recorded.
 */
const endsIn = (state: string, ...answers: TaskResult[]) =>
  walk(input, { ...opened, ...workBefore(state), [state]: answers, ...tornDown, ...closed });
/** As {@link endsIn}, without a scratch database to drop. */
const endsInChoosing = (...answers: TaskResult[]) =>
  walk(input, { ...opened, 'Choose a recovery point': answers, ...closed });
/** Every step succeeds, except that dropping the scratch database ends like this. */
const tearsDown = (...answers: TaskResult[]) =>
  walk(input, { ...opened, ...work, 'Tear down the scratch database': answers, ...closed });

describeInputCheck(machine, {
  name: 'restore-test',
  input,
  own: [
    [
      'an incident without its onset',
      { ...input, incident: { scenario: 'database-corruption' } },
      'incident.failedAt is missing (a time in UTC such as 2026-03-01T03:00:00Z)',
    ],
    ['choose as a number', { ...input, choose: 1 }, 'choose: expected text, found number 1'],
  ],
});

describeRunKeeping(machine, {
  name: 'restore-test',
  input,
  work,
  report: verified,
  terminal: 'RestoreVerified',
  unopened: 'not-proven',
  called: 'RESTORE TEST',
});

describe('a restore test', () => {
  test('whose copy passes every check is verified', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    const called = run.calls.slice(2, -2).map(({ state, arguments: sent }) => [state, sent]);
    const invoke = (name: string, Payload: object) => ({ FunctionName: arnOf(name), Payload });
    expect(called).toEqual([
      [
        'Choose a recovery point',
        invoke('ChooseRecoveryPoint', {
          ...ofRun,
          choose: 'as planned',
          label: null,
          before: ofRun.runStartedAt,
        }),
      ],
      ['Create the scratch database', invoke('CreateScratch', ofPoint)],
      ['Load the scratch database', invoke('LoadScratch', { ...ofPoint, expiresAt })],
      ['Validate the restored copy', invoke('ValidateRestore', ofPoint)],
      ['Tear down the scratch database', invoke('DropScratch', ofRun)],
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([verified]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'RestoreVerified',
      output: {
        runId: 'nightly-1',
        outcome: 'verified',
        reason: '21 checks passed',
        evidence: recorded.evidence,
      },
    });
  });

  test('of a named recovery point asks for that one', async () => {
    const run = await walk({ ...input, choose: recoveryPoint }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose a recovery point')).toEqual([
      { ...ofRun, choose: recoveryPoint, label: null, before: ofRun.runStartedAt },
    ]);
  });

  test('of a label asks for the newest that has it, or the newest verified', async () => {
    const asked = async (more: object) =>
      payloadsOf(
        await walk({ ...input, label: 'before-upgrade', ...more }, { ...opened, ...work, ...closed }),
        'Choose a recovery point',
      );
    expect(await asked({})).toMatchObject([{ choose: 'newest', label: 'before-upgrade' }]);
    expect(await asked({ choose: 'newest verified' })).toMatchObject([{ choose: 'newest verified' }]);
  });

  test.each([
    ['with its scenario', { failedAt: '2026-03-01T02:58:00.000Z', scenario: 'database-corruption' }],
    ['without a scenario', { failedAt: '2026-03-01T02:58:00.000Z' }],
  ])(
    'that answers an incident asks for a recovery point from before it, and reports it, %s',
    async (_, incident) => {
      const run = await walk({ ...input, incident }, { ...opened, ...work, ...closed });
      expect(payloadsOf(run, 'Choose a recovery point')).toEqual([
        { ...ofRun, choose: 'as planned', label: null, before: incident.failedAt },
      ]);
      expect(payloadsOf(run, 'Record the run')).toEqual([
        { ...verified, facts: { incident, recoveryPoint } },
      ]);
    },
  );

  test('that answers an incident and fails reports both', async () => {
    const incident = { failedAt: '2026-03-01T02:58:00.000Z' };
    const run = await walk(
      { ...input, incident },
      { ...opened, 'Choose a recovery point': manifestDamaged, ...closed },
    );
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { facts: { incident }, failure: caughtFrom(manifestDamaged) },
    ]);
  });

  test.each([
    ['rejected', 'RestoreRejected', 'users: expected 10 rows, found 9'],
    ['not-proven', 'RestoreNotProven', 'no orphans: expected 0, found that the query failed'],
  ] as const)(
    'whose validation says %s fails as %s, after teardown and record',
    async (verdict, terminal, reason) => {
      const judged = { ...validated, verdict, reason, recoveredTo: null };
      const run = await endsIn('Validate the restored copy', lambdaReturns(judged));
      expect(payloadsOf(run, 'Record the run')).toEqual([
        { ...verified, outcome: verdict, reason, steps: { ...steps, validate: judged } },
      ]);
      expect(run.visited.slice(-7)).toEqual([
        'Tear down the scratch database',
        'Record the run',
        'Is it news',
        'Announce the outcome',
        'Is it to be noted',
        'Did the run succeed',
        terminal,
      ]);
      expect(run).toMatchObject({ status: 'FAILED', error: terminal, cause: reason });
    },
  );

  test('that rejected a backup and cannot be recorded is announced as rejecting it', async () => {
    const run = await walk(input, {
      ...opened,
      'Choose a recovery point': manifestDamaged,
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that recording failed': lambdaReturns({}),
    });
    const said = `ended as rejected (the manifest is damaged: ManifestDamaged: ${caughtFrom(manifestDamaged).cause}) and could not be recorded: AccessDenied: no`;
    expect(argumentsOf(run, 'Announce that recording failed')).toMatchObject([
      { Message: `The run ${executionArn('restore-test')} ${said}` },
    ]);
    expect(run).toMatchObject({ error: 'RunNotRecorded', cause: `The run ${said}` });
  });
});

describe('choosing a recovery point', () => {
  test('a damaged manifest rejects the recovery point before a scratch database is made', async () => {
    const run = await endsInChoosing(manifestDamaged);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...verified,
        outcome: 'rejected',
        reason: 'the manifest is damaged: ManifestDamaged',
        failure: caughtFrom(manifestDamaged),
        facts: {},
        steps: {},
      },
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'RestoreRejected',
      cause: 'the manifest is damaged: ManifestDamaged: manifests/main/full/1.json: its sha256 differs',
    });
  });

  test('from nothing proves nothing', async () => {
    const none = lambdaThrows('NoRecoveryPoint', 'there is no recovery point: take a backup first');
    const run = await endsInChoosing(none);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...verified,
        outcome: 'not-proven',
        reason: 'no recovery point was chosen: NoRecoveryPoint',
        failure: caughtFrom(none),
        facts: {},
        steps: {},
      },
    ]);
    expect(run).toMatchObject({ error: 'RestoreNotProven', status: 'FAILED' });
  });

  test('is given up after three retries, and proves nothing', async () => {
    const run = await endsInChoosing(...failures(4, fail('Lambda.ServiceException')));
    expect(run).toMatchObject({
      terminal: 'RestoreNotProven',
      cause: 'no recovery point was chosen: Lambda.ServiceException: no cause was given',
    });
  });
});

describe('a scratch database that cannot be made', () => {
  const ends = (...answers: TaskResult[]) => endsIn('Create the scratch database', ...answers);
  const report = { ...verified, steps: { choose: chosen, tearDown: dropped } };

  test('proves nothing, and what was made of it is torn down', async () => {
    const unsuitable = lambdaThrows('ScratchUnsuitable', 'the scratch server knows no such locale');
    const run = await ends(unsuitable);
    expect(payloadsOf(run, 'Tear down the scratch database')).toEqual([ofRun]);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'not-proven',
        reason: 'no scratch database could be made: ScratchUnsuitable',
        failure: caughtFrom(unsuitable),
      },
    ]);
    expect(run).toMatchObject({ status: 'FAILED', error: 'RestoreNotProven' });
  });

  test('because its server stays unreachable proves nothing after three retries', async () => {
    const run = await ends(...failures(4, unreachable));
    expect(payloadsOf(run, 'Create the scratch database')).toEqual(Array(4).fill(ofPoint));
    expect(run.terminal).toBe('RestoreNotProven');
  });

  test('because the manifest changed since it was chosen rejects the recovery point', async () => {
    const run = await ends(manifestDamaged);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'rejected',
        reason: 'the manifest is damaged: ManifestDamaged',
        failure: caughtFrom(manifestDamaged),
      },
    ]);
    expect(run.terminal).toBe('RestoreRejected');
  });
});

describe('loading the scratch database', () => {
  const ends = (...answers: TaskResult[]) => endsIn('Load the scratch database', ...answers);
  const report = {
    ...verified,
    steps: { choose: chosen, create: created, tearDown: dropped },
  };

  test.each([
    ['recovery point', pointDamaged],
    ['manifest', manifestDamaged],
  ])('rejects a damaged %s', async (_, damaged) => {
    const run = await ends(damaged);
    const failure = caughtFrom(damaged);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'rejected',
        reason: `the recovery point could not be loaded: ${failure.error}`,
        failure,
      },
    ]);
    expect(run).toMatchObject({ status: 'FAILED', error: 'RestoreRejected' });
  });

  test('that runs out of time proves nothing', async () => {
    const late = lambdaThrows('OutOfTime', 'load-scratch was not done within its time limit');
    const run = await ends(late);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'not-proven',
        reason: 'the load did not come to its end: OutOfTime',
        failure: caughtFrom(late),
      },
    ]);
    expect(run.terminal).toBe('RestoreNotProven');
  });

  test('that loses its server for good proves nothing after two retries', async () => {
    const run = await ends(...failures(3, unreachable));
    expect(payloadsOf(run, 'Load the scratch database')).toEqual(Array(3).fill({ ...ofPoint, expiresAt }));
    expect(run.terminal).toBe('RestoreNotProven');
  });
});

describe('validating the restored copy', () => {
  const ends = (...answers: TaskResult[]) => endsIn('Validate the restored copy', ...answers);
  const report = {
    ...verified,
    steps: { choose: chosen, create: created, load: loaded, tearDown: dropped },
  };

  test.each([
    ['recovery point', pointDamaged],
    ['manifest', manifestDamaged],
  ])('rejects a damaged %s', async (_, damaged) => {
    const run = await ends(damaged);
    const failure = caughtFrom(damaged);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'rejected',
        reason: `the recovery point could not be compared: ${failure.error}`,
        failure,
      },
    ]);
    expect(run).toMatchObject({ status: 'FAILED', error: 'RestoreRejected' });
  });

  test('that breaks off proves nothing', async () => {
    const broken = lambdaThrows('PgDumpFailed', 'pg_dump ended with 1');
    const run = await ends(broken);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...report,
        outcome: 'not-proven',
        reason: 'the validation did not come to its end: PgDumpFailed',
        failure: caughtFrom(broken),
      },
    ]);
    expect(run.terminal).toBe('RestoreNotProven');
  });

  test('that loses its server for good proves nothing after two retries', async () => {
    const run = await ends(...failures(3, unreachable));
    expect(payloadsOf(run, 'Validate the restored copy')).toEqual(Array(3).fill(ofPoint));
    expect(run.terminal).toBe('RestoreNotProven');
  });

  test('that never answers proves nothing, and the copy is torn down', async () => {
    const run = await ends(lambdaReturns(validated, { after: 931 }));
    expect(run.visited).toContain('Tear down the scratch database');
    expect(run).toMatchObject({ terminal: 'RestoreNotProven', elapsedSeconds: 930 });
  });
});

describe('tearing down the scratch database', () => {
  test.each([
    ['is not ours', lambdaThrows('ScratchNotOurs', 'drop it by hand')],
    ['never answers', failsWithoutCause('States.Timeout')],
  ])('that %s leaves it to the sweeper and keeps the verdict', async (_, failure) => {
    const run = await tearsDown(failure);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...verified, steps: { ...steps, tearDown: { failure: caughtFrom(failure) } } },
    ]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'RestoreVerified' });
  });

  test('whose server stays unreachable leaves it to the sweeper after three retries', async () => {
    const run = await tearsDown(...failures(4, unreachable));
    expect(payloadsOf(run, 'Tear down the scratch database')).toEqual(Array(4).fill(ofRun));
    expect(run.terminal).toBe('RestoreVerified');
  });

  test('that fails after a rejection leaves the rejection as it is', async () => {
    const run = await walk(input, {
      ...opened,
      ...workBefore('Load the scratch database'),
      'Load the scratch database': pointDamaged,
      'Tear down the scratch database': lambdaThrows('ScratchNotOurs', 'drop it by hand'),
      ...closed,
    });
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'rejected', failure: caughtFrom(pointDamaged) },
    ]);
    expect(run).toMatchObject({
      error: 'RestoreRejected',
      cause: 'the recovery point could not be loaded: RecoveryPointDamaged: rows/0/0.lbk is missing',
    });
  });
});

describe.each([
  ['Choose a recovery point', transient.lambda],
  ['Create the scratch database', [...transient.lambda, ...transient.database]],
  ['Load the scratch database', [...transient.lambda, ...transient.database]],
  ['Validate the restored copy', [...transient.lambda, ...transient.database]],
  ['Tear down the scratch database', [...transient.lambda, ...transient.database]],
])('%s', (state, errors) => {
  test.each(errors)('goes on after %s', async (error) => {
    const run = await walk(input, {
      ...opened,
      ...work,
      [state]: [fail(error), work[state] as TaskResult],
      ...closed,
    });
    const [first, second] = argumentsOf(run, state);
    expect(second).toEqual(first);
    expect(payloadsOf(run, 'Record the run')).toEqual([verified]);
    expect(run.terminal).toBe('RestoreVerified');
  });
});

describeInstance(machine);
describeEmptyInstance(machine);

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
