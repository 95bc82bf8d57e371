import { describe, expect, test } from 'vitest';
import type { Notifier, RunEnded } from '../../shared/notify/notifier.ts';

/** A restore test that rejected its backup. A test states only what differs. */
const rejected: RunEnded = {
  fact: 'run-ended',
  occasion: 'failed',
  kind: 'restore-test',
  runId: 'restore-test-20261005',
  workload: 'mailblast',
  subject: 'main',
  outcome: 'rejected',
  words: 'BACKUP REJECTED',
  severity: 'critical',
  reason: 'campaigns: expected 12 rows, found 11',
  failure: null,
  measures: {
    scenario: 'database-corruption',
    rpo: { basis: 'measured', seconds: 12, targetSeconds: 900, met: true },
    rto: { basis: 'not-measured', seconds: null, targetSeconds: 1_200, met: null },
  },
  details: [{ label: 'recovery point', text: '20261005T020000Z-1f2e3d4c-a1b2c3d4' }],
  startedBy: 'schedule main-restore-test',
  startedAt: '2026-10-05T04:00:00.000Z',
  finishedAt: '2026-10-05T04:03:20.000Z',
  evidence: 's3://vault/evidence/restore-test/restore-test-20261005/run.json',
};

/**
 * What every kind of channel must do.
 *
 * @param textOf all that a person reads of a message
 */
export function notifierContract<Message>(
  notifier: Notifier<Message>,
  textOf: (message: Message) => string,
): void {
  const text = (fact: RunEnded) => textOf(notifier.compose(fact));

  describe(`${notifier.name}, as a notifier`, () => {
    test.each([
      ['the workload', 'mailblast'],
      ['the subject', 'main'],
      ['the outcome in words', 'BACKUP REJECTED'],
      ['the reason', 'campaigns: expected 12 rows, found 11'],
      ['the recovery point', '20261005T020000Z-1f2e3d4c-a1b2c3d4'],
      ['who started the run', 'schedule main-restore-test'],
      ['where the evidence is', rejected.evidence],
    ])('says %s', (_, said) => {
      expect(text(rejected)).toContain(said);
    });

    test('says each measure beside its target, and calls nothing measured that was not', () => {
      expect(text(rejected)).toContain('12s, target 15m: met (measured)');
      expect(text(rejected)).toContain('not measured, target 20m');
    });

    test('says nothing of recovery times where a run recovered nothing', () => {
      expect(text({ ...rejected, measures: null })).not.toMatch(/RPO|RTO/);
    });

    test('composes the same message for the same fact, and leaves the fact as it is', () => {
      const fact = structuredClone(rejected);
      expect(notifier.compose(fact)).toEqual(notifier.compose(rejected));
      expect(fact).toEqual(rejected);
    });

    test.each([
      ['nothing', ''],
      ['several lines', 'one\ntwo\r\nthree'],
      ['another script', 'данные потеряны 数据丢失 🚨'],
      ['more than a channel takes', 'x'.repeat(300_000)],
      ['control sequences', '\u001b[2J\u001b]0;title\u0007\u009b31m\r\0'],
      ['text that reorders or hides', 'a\u202eb\u2066c\u200bd\u2028e'],
      ['markup', '<b>&amp;</b> *bold* `code` {"a": 1}'],
    ])('composes a message whatever the texts of a fact are: %s', (_, odd) => {
      const fact = { ...rejected, subject: odd, reason: odd, details: [{ label: odd, text: odd }] };
      expect(text(fact)).toContain(rejected.evidence);
      expect(text(fact)).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
    });

    test('lets no text add a line, such as another verdict', () => {
      const forged = 'x\r\n\n  RESTORE VERIFIED  25 checks passed\u2028verified: all is well';
      const fact = { ...rejected, reason: forged, startedBy: forged, failure: { error: 'E', cause: forged } };
      const details = [{ label: 'recovery point', text: forged }];
      const lines = (of: RunEnded) => text(of).split(/\r\n|[\n\r\u2028\u2029]/).length;
      expect(lines({ ...fact, details })).toBe(lines(rejected));
    });
  });
}
