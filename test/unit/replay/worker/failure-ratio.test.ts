import { describe, expect, test } from 'vitest';
import { createFailureRatio } from '../../../../shared/replay/worker/failure-ratio.ts';

describe('the failure ratio', () => {
  test('says nothing of a handful', () => {
    const ratio = createFailureRatio(0.5);
    for (let failure = 0; failure < 9; failure++) ratio.record(false);
    expect(ratio.exceeded()).toBeNull();
    ratio.record(false);
    expect(ratio.exceeded()).toBe('10 of the last 10 deliveries failed; the plan allows 50 %');
  });

  test('is of the last fifty, so that old successes do not hide an outage', () => {
    const ratio = createFailureRatio(0.5);
    for (let success = 0; success < 10_000; success++) ratio.record(true);
    for (let failure = 0; failure < 25; failure++) ratio.record(false);
    expect(ratio.exceeded()).toBeNull();
    ratio.record(false);
    expect(ratio.exceeded()).toMatch(/^26 of the last 50/);
  });
});
