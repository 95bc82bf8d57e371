/** Long after the time at which the messages of the tests were sent. */
export const clock = { now: () => new Date('2026-03-02T12:00:00Z') };
