import { describe, expect, test } from 'vitest';
import { checkFreshness } from '../../../shared/validation/check-freshness.ts';

const snapshotAt = '2026-10-05T02:00:00.000Z';
const MINUTES = 60_000;
const check = (ofSource: string | null, ofCopy: string | null) =>
  checkFreshness({ snapshotAt, ofSource, ofCopy: ofCopy === null ? null : new Date(ofCopy) }, 5 * MINUTES);

const fresh = '2026-10-05T01:59:00.000Z';
const stopped = '2026-10-04T20:00:00.000Z';
const ahead = '2026-10-05T03:00:00.000Z';

describe('the freshness of a copy', () => {
  test.each([
    ['close to the snapshot', fresh],
    ['exactly as old as allowed', '2026-10-05T01:55:00.000Z'],
    ['a little later, by another clock', '2026-10-05T02:04:59.000Z'],
  ])('passes where its heartbeat is %s', (_, beat) => {
    expect(check(beat, beat)).toMatchObject({ outcome: 'passed', found: beat });
  });

  test.each([
    ['had stopped', stopped, /the heartbeat itself had stopped/],
    ['was written by a clock that is ahead', ahead, /its clock was wrong/],
    ['was never written', null, /the source had none either/],
  ])('is not known where the heartbeat of the source %s', (_, beat, found) => {
    expect(check(beat, beat)).toMatchObject({ outcome: 'not-run', found: expect.stringMatching(found) });
  });

  test.each([
    ['an older one than the source', fresh, stopped],
    ['none, and the source had one', fresh, null],
    ['one, and the source had none', null, stopped],
    ['an older one, and that of the source had stopped too', stopped, '2026-10-04T19:00:00.000Z'],
  ])('fails where the copy has %s', (_, ofSource, ofCopy) => {
    expect(check(ofSource, ofCopy)).toMatchObject({ outcome: 'failed' });
  });
});
