import { expect, it } from 'vitest';
import { exitCodeOf } from '../../../cli/exit-code.ts';

it.each([
  ['SUCCEEDED', null, 0],
  ['FAILED', 'BackupFailed', 1],
  ['FAILED', 'RestoreRejected', 1],
  ['FAILED', 'ReplayStopped', 1],
  ['FAILED', 'RehydrationFailed', 1],
  ['FAILED', 'RestoreNotProven', 3],
  ['FAILED', 'ReplayNotProven', 3],
  ['FAILED', 'RunNotRecorded', 3],
  ['FAILED', 'OutcomeNotAnnounced', 3],
  ['FAILED', 'States.Runtime', 3],
  ['FAILED', null, 3],
  ['TIMED_OUT', null, 3],
  ['ABORTED', 'BackupFailed', 3],
] as const)('a run that ended %s with %s exits with %i', (status, error, code) => {
  expect(exitCodeOf({ end: { status, error, cause: null }, evidence: null })).toBe(code);
});

it.each([
  ['SUCCEEDED', null, 3],
  ['FAILED', 'RestoreRejected', 1],
] as const)('a run that ended %s with %s and left its copy behind exits with %i', (status, error, code) => {
  const evidence = { leftBehind: 'the scratch database lifeboat_scratch_1 was not dropped' };
  expect(exitCodeOf({ end: { status, error, cause: null }, evidence })).toBe(code);
});
