import { describe, expect, test } from 'vitest';
import { announce, describe as describeMeasure } from '../../../shared/notify/announcement.ts';
import { evidence } from '../evidence/evidence-fixture.ts';

const location = 's3://vault/evidence/restore-test/restore-test-20261005/run.json';

describe('an announcement', () => {
  test('says what was found, the two times beside their targets, and where the evidence lies', () => {
    expect(announce(evidence, location)).toEqual({
      subject: 'Lifeboat: mailblast/nightly: restore verified',
      message: [
        'verified: 12 checks passed',
        '',
        'RPO 2h 1m, target 15m: MISSED (estimated)',
        'RTO 3m 6s, target 20m: met (estimated)',
        'Recovery point: 20261005T020000Z-1f2e3d4c-a1b2c3d4',
        'Started by: schedule nightly-restore-test at 2026-10-05T04:00:00.000Z',
        `Evidence: ${location}`,
      ].join('\n'),
    });
  });

  test.each([
    ['backup', 'taken', 'backup taken'],
    ['backup', 'failed', 'BACKUP FAILED'],
    ['restore-test', 'verified', 'restore verified'],
    ['restore-test', 'rejected', 'BACKUP REJECTED'],
    ['restore-test', 'not-proven', 'RESTORE NOT PROVEN'],
    ['replay', 'replayed', 'replayed'],
    ['replay', 'dry-run', 'dry run'],
    ['replay', 'stopped', 'REPLAY STOPPED'],
    ['replay', 'not-proven', 'REPLAY NOT PROVEN'],
    ['rehydrate', 'rehydrated', 'queue filled again'],
    ['rehydrate', 'failed', 'QUEUE NOT FILLED'],
  ] as const)('of a %s that ended %s reads: %s', (machine, outcome, words) => {
    expect(announce({ ...evidence, machine, outcome }, location).subject).toBe(
      `Lifeboat: mailblast/nightly: ${words}`,
    );
  });

  test('of a backup has no recovery times', () => {
    const { message } = announce(
      { ...evidence, machine: 'backup', outcome: 'taken', objectives: null },
      location,
    );
    expect(message).not.toMatch(/RPO|RTO/);
  });

  test('of a run that found no recovery point says so', () => {
    expect(announce({ ...evidence, recoveryPoint: null }, location).message).toContain(
      'Recovery point: none',
    );
  });

  test('has a subject that SNS takes: one line of ASCII, below 100 characters', () => {
    const { subject } = announce({ ...evidence, workload: `wörk\nload${'x'.repeat(200)}` }, location);
    expect(subject).toMatch(/^Lifeboat: w\?rk\?loadx+$/);
    expect(subject).toHaveLength(99);
  });
});

describe('a measure in words', () => {
  test.each([
    [{ basis: 'measured', seconds: 12, targetSeconds: 900, met: true }, '12s, target 15m: met (measured)'],
    [{ basis: 'estimated', seconds: 0, targetSeconds: 0, met: true }, '0s, target 0s: met (estimated)'],
    [
      { basis: 'measured', seconds: 900.001, targetSeconds: 900, met: false },
      '15m 1s, target 15m: MISSED (measured)',
    ],
    [{ basis: 'not-measured', seconds: null, targetSeconds: 1_200, met: null }, 'not measured, target 20m'],
  ] as const)('%j', (measure, words) => {
    expect(describeMeasure(measure)).toBe(words);
  });
});
