import { describe, expect, test } from 'vitest';
import { scratchName } from '../../../shared/restore/scratch.ts';

describe('the name of a scratch database', () => {
  test('is the same for every attempt of a run, and another for another run', () => {
    expect(scratchName('restore-test-20261005')).toBe('lifeboat_scratch_133a0cbbeb7aacdb');
    expect(scratchName('restore-test-20261006')).not.toBe(scratchName('restore-test-20261005'));
  });

  test.each(['', 'x'.repeat(80), '"; DROP DATABASE mailblast; --', 'ünïcode/../..'])(
    'of the run %j needs no quotes and fits into 63 bytes',
    (runId) => {
      expect(scratchName(runId)).toMatch(/^lifeboat_scratch_[0-9a-f]{16}$/);
    },
  );
});
