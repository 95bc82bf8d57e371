import { STATUS_CODES } from 'node:http';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../shared/replay/targets/classify-http-status.ts';

const now = new Date('2026-03-01T12:00:00Z');
const outcome = (status: number) => classify(status, undefined, now).outcome;

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%i accepts the message', (status) => {
    expect(classify(status, '5', now)).toEqual({ outcome: 'accepted', slowDown: false, retryAfter: null });
  });

  test.each([400, 413, 415, 416, 418, 422, 451, 499])('%i refuses the message for good', (status) => {
    expect(classify(status, '5', now)).toEqual({ outcome: 'refused', slowDown: false, retryAfter: null });
  });

  test.each([300, 301, 302, 303, 307, 308, 401, 403, 404, 405, 407, 408, 409, 410, 421, 425, 426, 431])(
    '%i speaks of the address, the credentials or the moment',
    (status) => {
      expect(classify(status, '5', now)).toEqual({ outcome: 'failed', slowDown: false, retryAfter: null });
    },
  );

  test.each([429, 500, 501, 503, 505, 507, 521])('%i asks to go slower', (status) => {
    expect(classify(status, undefined, now)).toEqual({ outcome: 'failed', slowDown: true, retryAfter: null });
    expect(classify(status, '5', now).retryAfter).toBe(5_000);
  });

  test.each([502, 504, 520, 524])('%i comes from before the receiver, which may have done it', (status) => {
    expect(classify(status, '5', now)).toEqual({ outcome: 'unknown', slowDown: true, retryAfter: 5_000 });
  });

  test.each([0, 101, 199, 600, 999])('%i says nothing that can be relied on', (status) => {
    expect(outcome(status)).toBe('unknown');
  });

  test('other than 2xx is never taken for an acceptance, and no server error for a refusal', () => {
    const others = Object.keys(STATUS_CODES)
      .map(Number)
      .filter((status) => status < 200 || status > 299);
    expect(others.length).toBeGreaterThan(40);
    for (const status of others) {
      expect(outcome(status), String(status)).not.toBe('accepted');
      if (status >= 500 || status < 400) expect(outcome(status), String(status)).not.toBe('refused');
    }
  });
});
