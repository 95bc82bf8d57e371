import { expect, test } from 'vitest';
import { checksKey, evidenceKey } from '../../../shared/evidence/evidence-key.ts';

test('the keys of evidence stand under evidence/, by machine and run', () => {
  expect(evidenceKey('backup', 'nightly')).toBe('evidence/backup/nightly/run.json');
  const run = { runId: 'nightly', runStartedAt: '2026-03-01T03:00:00.000Z' };
  expect(checksKey('restore-test', run)).toBe(
    'evidence/restore-test/nightly/checks-20260301T030000000Z.json',
  );
});
