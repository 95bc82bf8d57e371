import { describe, expect, it } from 'vitest';
import { addSample, perSecond, type Sample } from '../../../cli/follow/rate.ts';

const at = (seconds: number, done: number, of = 'copying rows'): Sample => ({
  at: seconds * 1_000,
  of,
  done,
});
const rateOf = (...samples: Sample[]) =>
  perSecond(samples.reduce<readonly Sample[]>((all, each) => addSample(all, each), []));

describe('the rate of work', () => {
  it('is unknown until there are two reports', () => {
    expect(rateOf(at(1, 100))).toBeNull();
  });
  it('is what was done a second between reports', () => {
    expect(rateOf(at(1, 100), at(3, 500))).toBe(200);
  });
  it('is that of the last five seconds, so that a halt shows', () => {
    expect(rateOf(at(0, 0), at(10, 1_000), at(13, 1_000), at(15, 1_000))).toBe(0);
  });
  it('starts anew with another activity', () => {
    expect(rateOf(at(1, 900), at(2, 1_000), at(3, 0, 'loading rows'))).toBeNull();
  });
  it('starts anew when an attempt begins again', () => {
    expect(rateOf(at(1, 900), at(2, 1_000), at(3, 10), at(4, 60))).toBe(50);
  });
});
