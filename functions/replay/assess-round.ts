import * as z from 'zod';
import { systemClock } from '../../shared/clock/clock.ts';
import { task } from '../../shared/lambda/task.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { ReplayOptions } from '../../shared/replay/options.ts';
import { assessRound, workerInEvidence } from '../../shared/replay/round/assess-round.ts';
import { type DeadWorker, WorkerAnswer } from '../../shared/replay/round/worker-answer.ts';
import { RoundDrained } from '../../shared/replay/step-answers.ts';
import { Share } from '../../shared/replay/worker/share.ts';
import { CaughtError, unwrapFailure } from '../../shared/run/unwrap-cause.ts';

const count = z.int().min(0);

export const input = RunReference.extend({
  queue: z.string(),
  round: count,
  options: ReplayOptions,
  /** ISO time, or nothing. */
  deadline: z.string(),
  drainStartedAt: z.iso.datetime(),
  shares: z.array(Share),
  fruitless: count,
  workers: z.array(z.union([WorkerAnswer, z.object({ ended: z.literal('died'), failure: CaughtError })])),
});

const output = z.object({
  decision: z.discriminatedUnion('next', [
    z.object({ next: z.literal('drain') }),
    z.object({ next: z.literal('wait') }),
    z.object({
      next: z.literal('settle'),
      outcome: z.enum(['replayed', 'stopped', 'not-proven']),
      reason: z.string(),
    }),
  ]),
  shares: z.array(Share),
  fruitless: count,
  /** The rounds as kept in the evidence: none after the canary, which is a separate step. */
  steps: z.object({
    drain: RoundDrained.optional(),
  }),
});

/** Assesses a round that has just ended. shared/replay/round decides the next step. */
export function assess(
  { round, workers, shares, fruitless, deadline, options, drainStartedAt }: z.infer<typeof input>,
  now: Date,
): z.infer<typeof output> {
  const ended = workers.map((worker) =>
    worker.ended === 'died' ? { ended: worker.ended, reason: inWords(worker.failure) } : worker,
  ) satisfies (WorkerAnswer | DeadWorker)[];
  const assessed = assessRound(
    {
      number: round,
      workers: ended,
      shares,
      fruitlessBefore: fruitless,
      deadline: deadline === '' ? null : new Date(deadline),
      max: options.max ?? null,
    },
    now,
  );
  const drain = {
    startedAt: drainStartedAt,
    finishedAt: now.toISOString(),
    rounds: round,
    workers: ended.map(workerInEvidence),
  };
  return { ...assessed, shares: [...assessed.shares], steps: round === 0 ? {} : { drain } };
}

/** Decides the next step after a round of a replay, including the canary. Calls no service. */
export const handler = task(
  { name: 'assess-round', input, output, environment: z.object({}) },
  () => async (round) => assess(round, systemClock.now()),
);

function inWords(failure: CaughtError): string {
  const { error, cause } = unwrapFailure(failure);
  return `${error}: ${cause}`;
}
