import { describe, expect, test } from 'vitest';
import { checksKey, type Evidence, evidenceKey, phasesOf } from '../../../shared/evidence/evidence.ts';

describe('phasesOf', () => {
  test('takes the steps that finished, in order, with their seconds', () => {
    const steps: Evidence['steps'] = {
      choose: {
        startedAt: '2026-10-05T04:00:00.000Z',
        finishedAt: '2026-10-05T04:00:00.250Z',
        backup: 'full',
      },
      load: { startedAt: '2026-10-05T04:00:02.000Z' },
      validate: {},
      tearDown: { startedAt: '2026-10-05T04:05:00.000Z', finishedAt: '2026-10-05T04:05:01.000Z' },
    };
    expect(phasesOf(steps)).toEqual([
      { name: 'choose', seconds: 0.25 },
      { name: 'tearDown', seconds: 1 },
    ]);
  });
});

describe('the keys of evidence', () => {
  test('stand under evidence/, by machine and run', () => {
    expect(evidenceKey('backup', 'nightly')).toBe('evidence/backup/nightly/run.json');
    expect(checksKey('nightly')).toBe('evidence/restore-test/nightly/checks.json');
  });
});
