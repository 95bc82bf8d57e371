import type { Backoff } from '../clock/retry.ts';

/** Between the requests for one message: a target that fails is given time to recover. */
export const DELIVERY_BACKOFF: Backoff = { firstMs: 250, longestMs: 10_000, randomPart: 0.5 };
