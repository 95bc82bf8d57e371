import { describe, expect, test } from 'vitest';
import type { handler as chooseRecoveryPoint } from '../../functions/restore/choose-recovery-point.ts';
import type { handler as createScratch } from '../../functions/restore/create-scratch.ts';
import type { handler as dropScratch } from '../../functions/restore/drop-scratch.ts';
import type { handler as handOver } from '../../functions/restore/hand-over.ts';
import type { handler as loadScratch } from '../../functions/restore/load-scratch.ts';
import type { handler as validateRestore } from '../../functions/restore/validate-restore.ts';
import type { RunReport } from '../../shared/run/report.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { describeInputCheck } from './describe-input-check.ts';
import { closed, describeRunKeeping, opened } from './describe-run-keeping.ts';
import type { Answer } from './functions.ts';
import {
  type Answers,
  caughtFrom,
  executionArn,
  failures,
  machineUnderTest,
  payloadsOf,
  startedAt,
} from './machine-under-test.ts';
import { describeInstanceThatStays } from './restore-as-instance.ts';

const machine = machineUnderTest('restore');
const { walk } = machine;

const input = { restore: 'production', into: 'mailblast_restored', startedBy: 'operator ada@workstation' };
const recoveryPoint = '20260301T030000Z-5f0c1a2b-9d8e7f6a';
const expiresAt = '2026-03-02T03:00:05.000Z';

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
const handedOver: Answer<typeof handOver> = {
  startedAt: '2026-03-01T03:08:18.000Z',
  finishedAt: '2026-03-01T03:08:19.000Z',
  database: 'mailblast_restored',
  login: 'mailblast_restored',
  owner: 'mailblast_app',
  secret: 'lifeboat/mailblast/restored/mailblast_restored/8f14e45f',
  recoveryPoint,
  validated,
};
const dropped: Answer<typeof dropScratch> = {
  startedAt: '2026-03-01T03:08:18.000Z',
  finishedAt: '2026-03-01T03:08:19.000Z',
  dropped: true,
};

const work: Answers = {
  'Choose the recovery point': lambdaReturns(chosen),
  'Create the database': lambdaReturns(created),
  'Load the database': lambdaReturns(loaded),
  'Validate the restored database': lambdaReturns(validated),
  'Hand the database over': lambdaReturns(handedOver),
};
const tornDown: Answers = { 'Drop the unfinished copy': lambdaReturns(dropped) };
const restored: RunReport = {
  machine: 'restore',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('restore'),
  startedBy: 'operator ada@workstation',
  subject: 'production',
  outcome: 'restored',
  reason: '21 checks passed',
  failure: null,
  facts: { recoveryPoint },
  steps: { choose: chosen, create: created, load: loaded, validate: validated, handOver: handedOver },
};

const ofRun = { runId: 'nightly-1', runStartedAt: startedAt, restore: 'production' };

const manifestDamaged = lambdaThrows('ManifestDamaged', 'manifests/main/full/1.json: its sha256 differs');
const pointDamaged = lambdaThrows('RecoveryPointDamaged', 'rows/0/0.lbk is missing');
const unreachable = lambdaThrows('DatabaseUnreachable', 'database "postgres" could not be entered');
const nameTaken = lambdaThrows('NameTaken', 'a database or role "mailblast_restored" exists on the server');

function workBefore(state: string): Answers {
  const entries = Object.entries(work);
  return Object.fromEntries(entries.slice(0, Object.keys(work).indexOf(state)));
}

/** Every step succeeds until this task, which ends like this. A half loaded copy is dropped, and the run recorded. */
const endsIn = (state: string, ...answers: TaskResult[]) =>
  walk(input, { ...opened, ...workBefore(state), [state]: answers, ...tornDown, ...closed });
/** As {@link endsIn}, where nothing may be dropped. */
const endsKeeping = (state: string, ...answers: TaskResult[]) =>
  walk(input, { ...opened, ...workBefore(state), [state]: answers, ...closed });

describeInputCheck(machine, {
  name: 'restore',
  input,
  own: [
    [
      'text that is not a time',
      { ...input, at: 'yesterday' },
      'at: expected a time in UTC such as 2026-03-01T03:00:00Z, found string yesterday',
    ],
    [
      'one name that is in no list',
      { ...input, only: 'public.contacts' },
      'only: expected an array, found string public.contacts',
    ],
  ],
});

describeRunKeeping(machine, {
  name: 'restore',
  input,
  work,
  afterFailure: tornDown,
  report: restored,
  terminal: 'DatabaseRestored',
  unopened: 'not-proven',
  called: 'RESTORE',
});

describe('a restore', () => {
  test('of a label asks for the newest that has it', async () => {
    const run = await walk({ ...input, label: 'before-upgrade' }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose the recovery point')).toEqual([
      { ...ofRun, choose: 'newest', label: 'before-upgrade', before: startedAt },
    ]);
  });

  test('that is verified is handed over, and nothing is dropped', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose the recovery point')).toEqual([
      { ...ofRun, choose: 'newest verified', label: null, before: startedAt },
    ]);
    expect(payloadsOf(run, 'Create the database')).toEqual([
      { ...ofRun, recoveryPoint, into: 'mailblast_restored' },
    ]);
    expect(payloadsOf(run, 'Load the database')).toEqual([{ ...ofRun, recoveryPoint, only: [], expiresAt }]);
    expect(payloadsOf(run, 'Validate the restored database')).toEqual([
      { ...ofRun, recoveryPoint, only: [] },
    ]);
    expect(payloadsOf(run, 'Hand the database over')).toEqual([
      { ...ofRun, recoveryPoint, into: 'mailblast_restored', validated },
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([restored]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'DatabaseRestored' });
  });

  test.each([
    ['the time that it names', { at: '2026-03-01T01:00:00Z' }, '2026-03-01T01:00:00Z'],
    ['the incident', { incident: { failedAt: '2026-03-01T02:58:00Z' } }, '2026-03-01T02:58:00Z'],
    [
      'the time that it names, though there is an incident',
      { at: '2026-03-01T01:00:00Z', incident: { failedAt: '2026-03-01T02:58:00Z' } },
      '2026-03-01T01:00:00Z',
    ],
  ])('takes a recovery point from before %s', async (_, named, before) => {
    const run = await walk({ ...input, ...named }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose the recovery point')).toMatchObject([{ before }]);
  });

  test.each([[['public.contacts']], [['public.contacts', 'billing']]])(
    'of %j alone loads and compares only that',
    async (only) => {
      const run = await walk({ ...input, only }, { ...opened, ...work, ...closed });
      expect(payloadsOf(run, 'Load the database')).toMatchObject([{ only }]);
      expect(payloadsOf(run, 'Validate the restored database')).toMatchObject([{ only }]);
      expect(run.terminal).toBe('DatabaseRestored');
    },
  );

  test('that an earlier attempt handed over neither loads nor validates again', async () => {
    const create = { ...created, scratch: 'mailblast_restored', handedOver: true };
    const run = await walk(input, {
      ...opened,
      'Choose the recovery point': lambdaReturns(chosen),
      'Create the database': lambdaReturns(create),
      'Hand the database over': lambdaReturns({ ...handedOver, recoveryPoint: 'the one before' }),
      ...closed,
    });
    expect(payloadsOf(run, 'Hand the database over')).toMatchObject([{ validated: null }]);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'restored', reason: '21 checks passed', facts: { recoveryPoint: 'the one before' } },
    ]);
    expect(run.terminal).toBe('DatabaseRestored');
  });

  test.each([
    ['rejected', 'CopyRejected', 'users: expected 10 rows, found 9'],
    ['not-proven', 'CopyNotProven', 'no orphans: expected 0, found that the query failed'],
  ] as const)(
    'whose validation says %s hands nothing over and keeps the copy',
    async (verdict, terminal, reason) => {
      const judged = { ...validated, verdict, reason, recoveredTo: null };
      const run = await endsKeeping('Validate the restored database', lambdaReturns(judged));
      expect(payloadsOf(run, 'Record the run')).toEqual([
        {
          ...restored,
          outcome: verdict,
          reason,
          steps: { choose: chosen, create: created, load: loaded, validate: judged },
        },
      ]);
      expect(run).toMatchObject({ status: 'FAILED', error: terminal, cause: reason });
    },
  );
});

describe('what goes wrong', () => {
  const notFound = lambdaThrows('NoRecoveryPoint', 'none was verified');
  const refused = lambdaThrows('HandOverRefused', 'grants[0] of the plan was refused');
  const partUnknown = lambdaThrows('PartUnknown', 'the recovery point has no schema billling');
  const late = lambdaThrows('OutOfTime', 'not done within its time limit');
  const unusable = lambdaThrows('NameUnusable', 'names with "pg_" are reserved');
  const four = failures(4, unreachable);

  test.each([
    ['Choose the recovery point', [manifestDamaged], 'rejected', 'CopyRejected', 'kept'],
    ['Choose the recovery point', [notFound], 'not-proven', 'CopyNotProven', 'kept'],
    [
      'Choose the recovery point',
      failures(4, fail('Lambda.ServiceException')),
      'not-proven',
      'CopyNotProven',
      'kept',
    ],
    ['Create the database', [nameTaken], 'refused', 'RestoreRefused', 'kept'],
    ['Create the database', [unusable], 'refused', 'RestoreRefused', 'kept'],
    ['Create the database', [manifestDamaged], 'rejected', 'CopyRejected', 'dropped'],
    ['Create the database', four, 'not-proven', 'CopyNotProven', 'dropped'],
    ['Load the database', [pointDamaged], 'rejected', 'CopyRejected', 'dropped'],
    ['Load the database', [manifestDamaged], 'rejected', 'CopyRejected', 'dropped'],
    ['Load the database', [partUnknown], 'refused', 'RestoreRefused', 'dropped'],
    ['Load the database', [late], 'not-proven', 'CopyNotProven', 'dropped'],
    ['Load the database', failures(3, unreachable), 'not-proven', 'CopyNotProven', 'dropped'],
    ['Validate the restored database', [pointDamaged], 'rejected', 'CopyRejected', 'kept'],
    ['Validate the restored database', [manifestDamaged], 'rejected', 'CopyRejected', 'kept'],
    ['Validate the restored database', failures(3, unreachable), 'not-proven', 'CopyNotProven', 'kept'],
    ['Hand the database over', [refused], 'not-handed-over', 'CopyNotHandedOver', 'kept'],
    ['Hand the database over', [nameTaken], 'not-handed-over', 'CopyNotHandedOver', 'kept'],
    ['Hand the database over', failures(6, unreachable), 'not-handed-over', 'CopyNotHandedOver', 'kept'],
  ] as const)('in "%s" %#: ends as %s after the record', async (state, answers, outcome, terminal, copy) => {
    const run = await (copy === 'dropped' ? endsIn : endsKeeping)(state, ...answers);
    const last = answers.at(-1);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome, failure: last && caughtFrom(last as never) },
    ]);
    expect(run.visited.includes('Drop the unfinished copy')).toBe(copy === 'dropped');
    expect(run).toMatchObject({ status: 'FAILED', error: terminal });
  });

  test('dropping the copy too is recorded: it is left to the sweeper', async () => {
    const run = await walk(input, {
      ...opened,
      ...workBefore('Load the database'),
      'Load the database': late,
      'Drop the unfinished copy': failures(4, unreachable),
      ...closed,
    });
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'not-proven', steps: { tearDown: { failure: { error: 'DatabaseUnreachable' } } } },
    ]);
    expect(run.terminal).toBe('CopyNotProven');
  });
});

describeInstanceThatStays(machine);
