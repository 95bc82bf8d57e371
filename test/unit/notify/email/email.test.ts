import { describe, expect, test } from 'vitest';
import { email } from '../../../../shared/notify/email/email.ts';
import type { AnyEvidence } from '../../../../shared/run/evidence.ts';
import { runEnded } from '../../../../shared/run/run-ended.ts';
import { notifierContract } from '../../../contract/notifier.ts';
import { evidence } from '../../run/evidence-fixture.ts';

const location = 's3://vault/evidence/restore-test/restore-test-20261005/run.json';

const announce = (of: AnyEvidence) => email.compose(runEnded(of, location));

notifierContract(email, ({ subject, message }) => `${subject}\n${message}`);

describe('an announcement by e-mail', () => {
  test('says what was found, the two times beside their targets, and where the evidence lies', () => {
    expect(announce(evidence)).toEqual({
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
    ['rehydrate', 'dry-run', 'dry run'],
    ['rehydrate', 'failed', 'QUEUE NOT FILLED'],
  ] as const)('of a %s that ended %s reads: %s', (machine, outcome, words) => {
    expect(announce({ ...evidence, machine, outcome }).subject).toBe(`Lifeboat: mailblast/nightly: ${words}`);
  });

  test('of a backup has no recovery times', () => {
    const { message } = announce({ ...evidence, machine: 'backup', outcome: 'taken', objectives: null });
    expect(message).not.toMatch(/RPO|RTO/);
  });

  test('of a run that found no recovery point says so', () => {
    expect(announce({ ...evidence, recoveryPoint: null }).message).toContain('Recovery point: none');
  });

  test('has a subject that SNS takes: one line of ASCII, below 100 characters', () => {
    const { subject } = announce({ ...evidence, workload: `wörk\nload${'x'.repeat(200)}` });
    expect(subject).toMatch(/^Lifeboat: w\?rk\?loadx+$/);
    expect(subject).toHaveLength(99);
  });
});
