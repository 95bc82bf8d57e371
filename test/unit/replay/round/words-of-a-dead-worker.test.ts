import { expect, test } from 'vitest';
import type * as z from 'zod';
import { assess, type input } from '../../../../functions/replay/assess-round.ts';

const now = new Date('2026-03-01T03:10:00.000Z');
const share = { rate: 100, inFlight: 25 };

/** What is decided after a third round in which the only worker died. */
function afterDeath(failure: { error: string; cause: string | null }): z.infer<typeof input> {
  return {
    workload: 'shop',
    runId: 'replay-1',
    runStartedAt: '2026-03-01T03:00:00.000Z',
    queue: 'orders',
    round: 3,
    options: {},
    deadline: '',
    drainStartedAt: '2026-03-01T03:00:05.000Z',
    shares: [share],
    fruitless: 2,
    workers: [{ ended: 'died', failure }],
  } as unknown as z.infer<typeof input>;
}

/** Causes as Step Functions has them of a Lambda function: https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html */
test.each([
  [
    'that ran out of memory',
    {
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'RequestId: 8f2 Error: Runtime exited with error: signal: killed',
    },
    'RequestId: 8f2 Error: Runtime exited with error: signal: killed',
  ],
  [
    'that threw',
    {
      errorType: 'QueueMissing',
      errorMessage: 'queue "orders-dlq" does not exist',
      trace: ['at drain (x.mjs:1)'],
    },
    'queue "orders-dlq" does not exist',
  ],
])('a worker %s ends the replay with its own message, not with the JSON around it', (_, cause, words) => {
  const { errorType: error } = cause;
  const { decision, steps } = assess(afterDeath({ error, cause: JSON.stringify(cause) }), now);
  const reason = `${error}: ${words}`;
  expect(decision).toEqual({
    next: 'settle',
    outcome: 'not-proven',
    reason: `workers died, and three rounds in a row took nothing out of the queue: ${reason}`,
  });
  expect(steps.drain?.workers).toMatchObject([{ ended: 'died', reason }]);
});

test('a worker that timed out without an answer is called that', () => {
  const payload =
    'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"2026-03-01T03:09:00Z 8f2 Task timed out after 900.00 seconds"}';
  const { decision } = assess(afterDeath({ error: 'Lambda.Unknown', cause: payload }), now);
  expect(decision).toMatchObject({
    reason: expect.stringMatching(
      /: Lambda\.Unknown: 2026-03-01T03:09:00Z 8f2 Task timed out after 900\.00 seconds$/,
    ),
  });
});
