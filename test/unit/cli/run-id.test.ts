import { expect, it } from 'vitest';
import { newRunId, operator } from '../../../cli/follow/run-id.ts';

it('names a run by machine and time, so that runs sort, and by chance, so that two of one second differ', () => {
  const now = new Date('2026-11-22T04:00:00.123Z');
  expect(newRunId('backup', now, '3f9a1c')).toBe('backup-20261122T040000Z-3f9a1c');
  expect(newRunId('restore-test', now)).toMatch(/^restore-test-20261122T040000Z-[0-9a-f]{6}$/);
});

it('says who starts it', () => {
  expect(operator()).toMatch(/^operator .+@.+$/);
});
