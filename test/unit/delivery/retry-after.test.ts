import { describe, expect, test } from 'vitest';
import { LONGEST_RETRY_AFTER, retryAfter } from '../../../shared/delivery/retry-after.ts';

const now = new Date('1994-11-06T08:49:00Z');

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['37', 37_000],
    [' 37 ', 37_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
  ])('reads %j as milliseconds from now', (value, milliseconds) => {
    expect(retryAfter(value, now)).toBe(milliseconds);
  });

  test('is over at once where its date is over', () => {
    expect(retryAfter('Sun, 06 Nov 1994 08:48:00 GMT', now)).toBe(0);
  });

  test.each(['86400', '99999999999999999999999', 'Mon, 07 Nov 1994 08:49:37 GMT'])(
    'is honoured for so long at most, where %j is asked for',
    (value) => {
      expect(retryAfter(value, now)).toBe(LONGEST_RETRY_AFTER);
    },
  );

  test.each([
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '10s',
    '0x10',
    '1e3',
    '2026-01-01T00:00:00Z',
    'Sun, 99 Nov 1994 08:49:37 GMT',
  ])('says nothing where it is %j', (value) => {
    expect(retryAfter(value, now)).toBeNull();
  });
});
