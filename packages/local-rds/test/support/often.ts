/** For the SDK's waiters, which look every thirty seconds if nothing is said. In seconds. */
export const often = { maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 };
