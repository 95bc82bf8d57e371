/** For the SDK's waiters, which poll every thirty seconds by default. In seconds. */
export const often = { maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 };
