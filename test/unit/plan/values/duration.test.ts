import { describe, expect, it } from 'vitest';
import { DurationInvalid, formatDuration, parseDuration } from '../../../../shared/plan/values/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['99999d', 8_639_913_600_000],
  ])('reads %s as %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(
    [
      ['', '1', 's', '-1m', '+1m', '1.5h', '01m', '0m', '100000d', '1 m', ' 1m', '1m ', '1m\n', '1h30m'],
      ['1M', '1w', '1y', '1ms', '1 fortnight', '30 days', '1minute', 'PT15M', 'Infinityd', '١m'],
    ].flat(),
  )('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(DurationInvalid);
  });

  it('names its error, for code that catches it by name, and keeps the text', () => {
    expect(() => parseDuration('soon')).toThrow(
      expect.objectContaining({
        name: 'DurationInvalid',
        text: 'soon',
        message: expect.stringContaining('found "soon"'),
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.2, '1ms'],
    [850, '850ms'],
    [999.5, '1s'],
    [1_000, '1s'],
    [4_210, '4.3s'],
    [9_999, '10s'],
    [12_340, '13s'],
    [59_001, '1m'],
    [60_000, '1m'],
    [83_000, '1m 23s'],
    [900_000, '15m'],
    [5_400_000, '1h 30m'],
    [3_599_001, '1h'],
    [86_399_000, '1d'],
    [90_061_000, '1d 2h'],
    [2_592_000_000, '30d'],
  ])('writes %d milliseconds as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('never makes a measured time look shorter than it was', () => {
    expect(formatDuration(1_800_001)).toBe('30m 1s');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses %d', (milliseconds) => {
    expect(() => formatDuration(milliseconds)).toThrow(RangeError);
  });

  it.each(['0s', '1s', '45s', '1m', '15m', '59m', '1h', '23h', '1d', '30d', '365d'])(
    'gives %s back as it was written',
    (text) => {
      expect(formatDuration(parseDuration(text))).toBe(text);
    },
  );
});
