import { describe, expect, test } from 'vitest';
import { deletableOf } from '../../../shared/backup/retention.ts';

const now = new Date('2026-10-05T12:00:00.000Z');
const points = [
  { id: 'first', keptUntil: new Date('2026-10-03T12:00:00.000Z') },
  { id: 'second', keptUntil: new Date('2026-10-05T12:00:00.000Z') },
  { id: 'third', keptUntil: new Date('2026-10-05T12:00:00.001Z') },
];

describe('what may be deleted', () => {
  test('is what is past its retention, but for the newest verified one', () => {
    expect(deletableOf(points, { now, newestVerified: 'third' })).toEqual(['first', 'second']);
    expect(deletableOf(points, { now, newestVerified: 'second' })).toEqual(['first']);
  });

  test('is nothing that is newer than the newest verified one, however old it is', () => {
    const old = points.map((point) => ({ ...point, keptUntil: new Date(0) }));
    expect(deletableOf(old, { now, newestVerified: 'second' })).toEqual(['first']);
    expect(deletableOf(old, { now, newestVerified: 'first' })).toEqual([]);
  });

  test.each([
    ['none is verified', null],
    ['the verified one is not there, so that another may be the only good one', 'lost'],
  ])('is nothing where %s', (_, newestVerified) => {
    expect(deletableOf(points, { now, newestVerified })).toEqual([]);
  });
});
