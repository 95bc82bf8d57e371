import { describe, expect, test } from 'vitest';
import type { handler as chooseToRead } from '../../functions/verify/choose-to-read.ts';
import type { handler as readRecoveryPoint } from '../../functions/verify/read-recovery-point.ts';
import type { handler as tryToChange } from '../../functions/verify/try-to-change.ts';
import type { RunReport } from '../../shared/run/report.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { describeInputCheck } from './describe-input-check.ts';
import { closed, describeRunKeeping, opened } from './describe-run-keeping.ts';
import type { Answer } from './functions.ts';
import {
  type Answers,
  caughtFrom,
  executionArn,
  machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';

const machine = machineUnderTest('verify');
const { walk } = machine;

const input = { database: 'main', backup: 'full', startedBy: 'schedule main-verify-full' };
const recoveryPoint = '20260301T030000Z-5f0c1a2b-9d8e7f6a';
const times = { startedAt: '2026-03-01T06:00:01.000Z', finishedAt: '2026-03-01T06:00:02.000Z' };

const chosen: Answer<typeof chooseToRead> = {
  ...times,
  backup: 'full',
  recoveryPoint,
  candidates: 30,
  hidden: [],
};
const read: Answer<typeof readRecoveryPoint> = {
  ...times,
  next: null,
  objects: 31,
  storedBytes: 104_857_600,
  lockedUntil: '2026-03-31T03:00:02.000Z',
  keptUntil: '2026-03-31T03:00:02.000Z',
};
const half = { ...read, next: 16, storedBytes: 52_428_800 };
const refused: Answer<typeof tryToChange> = { ...times, refused: ['to delete it', 'to write over it'] };
const work: Answers = {
  'Choose a recovery point to read': lambdaReturns(chosen),
  'Read the next objects': lambdaReturns(read),
  'Try to change the vault': lambdaReturns(refused),
};
const intact: RunReport = {
  machine: 'verify',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('verify'),
  startedBy: 'schedule main-verify-full',
  subject: 'main',
  outcome: 'intact',
  reason: 'every byte of 31 objects is as it was written, and the vault refuses every change',
  failure: null,
  facts: { recoveryPoint },
  steps: { choose: chosen, read, change: refused },
};

/** Reading ends like this; later steps succeed. */
const readingEnds = (...answers: TaskResult[]) =>
  walk(input, { ...opened, ...work, 'Read the next objects': answers, ...closed });
/** Reading ends like this, and nothing follows. */
const readingFails = (...answers: TaskResult[]) =>
  walk(input, {
    ...opened,
    'Choose a recovery point to read': lambdaReturns(chosen),
    'Read the next objects': answers,
    ...closed,
  });
/** Trying to change the vault ends like this. */
const changingEnds = (...answers: TaskResult[]) =>
  walk(input, { ...opened, ...work, 'Try to change the vault': answers, ...closed });

describeInputCheck(machine, { name: 'verify', input });

describeRunKeeping(machine, {
  name: 'verify',
  input,
  work,
  report: intact,
  terminal: 'RecoveryPointIntact',
  unopened: 'not-proven',
  called: 'VERIFY',
});

describe('a recovery point', () => {
  test('that is read and cannot be changed is intact', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose a recovery point to read')).toEqual([
      { database: 'main', backup: 'full', choose: 'as planned' },
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([intact]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'RecoveryPointIntact' });
  });

  test('is the one that the input names', async () => {
    const run = await walk({ ...input, choose: recoveryPoint }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Choose a recovery point to read')).toMatchObject([{ choose: recoveryPoint }]);
  });

  test('that is large is read by several calls, each from where the last one ended', async () => {
    const run = await readingEnds(lambdaReturns(half), lambdaReturns(read));
    expect(payloadsOf(run, 'Read the next objects')).toMatchObject([
      { recoveryPoint, next: 0, storedBytes: 0 },
      { recoveryPoint, next: 16, storedBytes: 52_428_800 },
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([intact]);
  });

  test('that never ends is given up after a hundred calls, and nothing is said of it', async () => {
    const run = await readingFails(...Array.from({ length: 100 }, () => lambdaReturns(half)));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        outcome: 'not-proven',
        reason: 'the recovery point was not read to its end in the time of a run',
      },
    ]);
    expect(run.terminal).toBe('RecoveryPointNotRead');
  });

  test.each(['RecoveryPointDamaged', 'BlockDamaged', 'ManifestDamaged'])(
    'is damaged after %s, and the vault is not tried',
    async (name) => {
      const failure = lambdaThrows(name, '"rows/3" is not the object that was written');
      const run = await readingFails(failure);
      expect(payloadsOf(run, 'Record the run')).toMatchObject([
        { outcome: 'damaged', facts: { recoveryPoint }, failure: caughtFrom(failure) },
      ]);
      expect(run.visited).not.toContain('Try to change the vault');
      expect(run).toMatchObject({ status: 'FAILED', error: 'RecoveryPointNotIntact' });
    },
  );

  test('that is whole and not kept as the plan demands is unprotected', async () => {
    const run = await readingFails(lambdaThrows('StoredBackupUnproven', '"rows/3" is locked as nothing'));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([{ outcome: 'unprotected' }]);
    expect(run).toMatchObject({ error: 'VaultNotProtected' });
  });

  test.each(['OutOfTime', 'AccessDenied', 'ManifestFormatUnsupported', 'Runtime.ExitError'])(
    'of which nothing is known after %s is called neither intact nor damaged',
    async (name) => {
      const run = await readingFails(lambdaThrows(name, 'no'));
      expect(payloadsOf(run, 'Record the run')).toMatchObject([{ outcome: 'not-proven' }]);
      expect(run).toMatchObject({ error: 'RecoveryPointNotRead' });
    },
  );

  test.each(transient.lambda)('is read on after %s, from the same place', async (error) => {
    const run = await readingEnds(lambdaReturns(half), fail(error), lambdaReturns(read));
    expect(payloadsOf(run, 'Read the next objects')).toMatchObject([{ next: 0 }, { next: 16 }, { next: 16 }]);
    expect(payloadsOf(run, 'Record the run')).toEqual([intact]);
  });
});

describe('a recovery point that is hidden', () => {
  const hidden = [
    'manifests/main/full/20260228T030000Z-5f0c1a2b-9d8e7f6a.json',
    'manifests/main/full/b.json',
  ];
  const found = { 'Choose a recovery point to read': lambdaReturns({ ...chosen, hidden }) };

  test.each([[hidden], [hidden.slice(0, 1)]])(
    'leaves the vault unprotected, %j, however intact the one that was read is',
    async (keys) => {
      const answers = { 'Choose a recovery point to read': lambdaReturns({ ...chosen, hidden: keys }) };
      const run = await walk(input, { ...opened, ...work, ...answers, ...closed });
      expect(payloadsOf(run, 'Record the run')).toMatchObject([
        {
          outcome: 'unprotected',
          reason: `a delete marker or a later version hides ${keys.join(', ')}; of the recovery point that was read: ${intact.reason}`,
          failure: null,
          steps: { choose: { hidden: keys }, read, change: refused },
        },
      ]);
      expect(run).toMatchObject({ status: 'FAILED', error: 'VaultNotProtected' });
    },
  );

  test('is said where the other one could not be read, with what failed', async () => {
    const failure = lambdaThrows('AccessDenied', 'no');
    const run = await walk(input, { ...opened, ...found, 'Read the next objects': failure, ...closed });
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        outcome: 'unprotected',
        reason: expect.stringContaining('was not read to its end: AccessDenied'),
        failure: caughtFrom(failure),
      },
    ]);
  });

  test('does not make a damaged one anything else than damaged', async () => {
    const run = await walk(input, {
      ...opened,
      ...found,
      'Read the next objects': lambdaThrows('BlockDamaged', 'no'),
      ...closed,
    });
    expect(payloadsOf(run, 'Record the run')).toMatchObject([{ outcome: 'damaged' }]);
  });

  test('and the only one leaves the vault unprotected, and nothing is read', async () => {
    const failure = lambdaThrows('RecoveryPointsHidden', 'there is no recovery point');
    const run = await walk(input, { ...opened, 'Choose a recovery point to read': failure, ...closed });
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'unprotected', failure: caughtFrom(failure) },
    ]);
    expect(run).toMatchObject({ error: 'VaultNotProtected' });
  });
});

describe('a vault', () => {
  test('that allows a change is unprotected, however intact the recovery point is', async () => {
    const allowed = lambdaThrows('VaultUnprotected', 'the vault "v" allowed to delete it');
    const run = await changingEnds(allowed);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      { outcome: 'unprotected', failure: caughtFrom(allowed), steps: { read } },
    ]);
    expect(run).toMatchObject({ error: 'VaultNotProtected' });
  });

  test('that could not be tried leaves the run not proven', async () => {
    const run = await changingEnds(lambdaThrows('ServiceUnavailable', 'slow down'));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([{ outcome: 'not-proven' }]);
    expect(run).toMatchObject({ error: 'RecoveryPointNotRead' });
  });
});
