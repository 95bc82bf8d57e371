import { expect, test } from 'vitest';
import { checksKey, evidenceKey } from '../../../shared/evidence/evidence-key.ts';

test('the keys of evidence stand under evidence/, by machine and run', () => {
  expect(evidenceKey('backup', 'nightly')).toBe('evidence/backup/nightly/run.json');
  expect(checksKey('restore-test', 'nightly')).toBe('evidence/restore-test/nightly/checks.json');
});
