import { describe, expect, test } from 'vitest';
import { deriveSchedules } from '../../../resources/schedules.ts';
import type { Announced } from '../../../shared/journal/journal.ts';
import { decideAnnouncement, type EndedRun, startedByItself } from '../../../shared/run/announcement.ts';
import { planOf } from '../resources/plan-fixture.ts';

const day = (hours: number) => new Date(Date.UTC(2026, 9, 5, 2) + hours * 3_600_000).toISOString();

/** A replay that its schedule started, and that stopped. A row states only what differs. */
const stopped = {
  startedBy: 'schedule webhook-events-replay',
  outcome: 'stopped',
  reason: 'the canary failed: 3 different messages, one after the other; the last one: HTTP 503',
  failure: null,
  leftBehind: null,
  checks: [],
  needsAttention: true,
};
const good = { ...stopped, outcome: 'replayed', reason: '3 messages were delivered', needsAttention: false };
const rejected = { ...stopped, outcome: 'rejected', reason: '1 of 12 checks failed' };
const failed = (name: string) => ({ checks: [{ name, outcome: 'failed' as const }] });
const unreachable = {
  ...stopped,
  outcome: 'failed',
  reason: 'the database was not copied: DatabaseUnreachable',
  failure: { error: 'DatabaseUnreachable', cause: 'no route' },
};
type Ended = Partial<EndedRun> & typeof stopped;

/** Which of the runs are announced, each given what is kept of those before it. */
function announced(runs: readonly (readonly [hours: number, run: object])[]): boolean[] {
  let kept: Announced | null = null;
  return runs.map(([hours, run], index) => {
    const ended = { ...(run as Ended), runId: `run-${index}`, finishedAt: day(hours) };
    const { announce, keep } = decideAnnouncement(ended, kept);
    kept = keep ?? kept;
    return announce;
  });
}

describe('of runs one after the other', () => {
  test.each<[string, [number, object][], boolean[]]>([
    ['the first failure', [[0, stopped]], [true]],
    [
      'a failure that stays, once',
      [
        [0, stopped],
        [0.25, stopped],
        [0.5, stopped],
        [22.5, stopped],
      ],
      [true, false, false, false],
    ],
    [
      'a failure that stays, again after a day',
      [
        [0, stopped],
        [12, stopped],
        [23, stopped],
        [23.25, stopped],
      ],
      [true, false, true, false],
    ],
    [
      'a failure of every night, though one run ends a little earlier',
      [
        [0, rejected],
        [23.9, rejected],
        [47.7, rejected],
      ],
      [true, true, true],
    ],
    [
      'other numbers and other last words, as the same failure',
      [
        [0, stopped],
        [1, { ...stopped, reason: 'the canary failed: 1,204 different messages; the last one: ECONNRESET' }],
      ],
      [true, false],
    ],
    [
      'another reason',
      [
        [0, stopped],
        [1, { ...stopped, reason: 'another replay holds this queue: wait' }],
      ],
      [true, true],
    ],
    [
      'another outcome',
      [
        [0, stopped],
        [1, { ...stopped, outcome: 'not-proven' }],
      ],
      [true, true],
    ],
    [
      'another error',
      [
        [0, unreachable],
        [1, { ...unreachable, failure: { error: 'States.Timeout', cause: '' } }],
      ],
      [true, true],
    ],
    [
      'another cause of the same error, as the same failure',
      [
        [0, unreachable],
        [1, { ...unreachable, failure: { error: 'DatabaseUnreachable', cause: 'refused' } }],
      ],
      [true, false],
    ],
    [
      'another check that failed',
      [
        [0, { ...rejected, ...failed('rows') }],
        [1, { ...rejected, ...failed('schema') }],
      ],
      [true, true],
    ],
    [
      'a copy left behind',
      [
        [0, rejected],
        [1, { ...rejected, leftBehind: 'lifeboat_scratch_1' }],
      ],
      [true, true],
    ],
    [
      'two failures that alternate, each once',
      [
        [0, stopped],
        [1, unreachable],
        [2, stopped],
        [3, unreachable],
      ],
      [true, true, false, false],
    ],
    [
      'a recovery, and the failure after it',
      [
        [0, stopped],
        [1, stopped],
        [2, good],
        [3, stopped],
      ],
      [true, false, true, true],
    ],
    [
      'every success',
      [
        [0, good],
        [1, good],
        [2, good],
      ],
      [true, true, true],
    ],
    [
      'what a person started, always',
      [
        [0, stopped],
        [1, { ...stopped, startedBy: 'ada@laptop' }],
        [2, { ...stopped, startedBy: 'ada@laptop' }],
        [3, stopped],
      ],
      [true, true, true, false],
    ],
    [
      'what an alarm started, as what a schedule started',
      [
        [0, stopped],
        [1, { ...stopped, startedBy: 'alarm DeadLetters' }],
      ],
      [true, false],
    ],
  ])('announces %s', (_, runs, expected) => {
    expect(announced(runs)).toEqual(expected);
  });
});

describe('a run', () => {
  const first = decideAnnouncement({ ...stopped, runId: 'first', finishedAt: day(0) }, null);

  test('that is recorded again is announced again, whatever was decided of it', () => {
    const again = { ...stopped, runId: 'first', finishedAt: day(0) };
    expect(decideAnnouncement(again, first.keep)).toEqual({
      announce: true,
      recoveredSince: null,
      keep: null,
    });
    const success = { ...good, runId: 'second', finishedAt: day(1) };
    const recovered = decideAnnouncement(success, first.keep);
    expect(recovered).toMatchObject({ announce: true, recoveredSince: day(0) });
    expect(decideAnnouncement(success, recovered.keep)).toEqual({ ...recovered, keep: null });
  });

  test('that succeeds after failures says since when they failed, and the next one does not', () => {
    const later = decideAnnouncement({ ...unreachable, runId: 'second', finishedAt: day(30) }, first.keep);
    expect(later.keep?.failures).toHaveLength(1);
    const recovered = decideAnnouncement({ ...good, runId: 'third', finishedAt: day(31) }, later.keep);
    expect(recovered.recoveredSince).toBe(day(0));
    const next = decideAnnouncement({ ...good, runId: 'fourth', finishedAt: day(32) }, recovered.keep);
    expect(next).toEqual({ announce: true, recoveredSince: null, keep: null });
  });
});

test('every schedule of the plan names itself so that its runs are known to be nobody’s', () => {
  const starts = JSON.stringify(deriveSchedules(planOf())).matchAll(/startedBy\\*": ?\\*"([^"\\]+)/g);
  const names = [...starts].map(([, startedBy = '']) => startedBy);
  expect(names.length).toBeGreaterThan(1);
  for (const startedBy of names) expect(startedByItself({ startedBy }), startedBy).toBe(true);
  expect(startedByItself({ startedBy: 'scheduler@laptop' })).toBe(false);
});
