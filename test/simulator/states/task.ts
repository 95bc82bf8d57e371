import { z } from 'zod';
import {
  anyState,
  constantOrExpression,
  isExpression,
  outputFields,
  seconds,
  template,
  transition,
} from '../asl/fields.ts';
import { settle } from '../data/output.ts';
import { evaluate, evaluateAs, queryError } from '../data/template.ts';
import { catchers } from '../errors/catcher.ts';
import { retry } from '../errors/retrier.ts';
import { withRetryAndCatch } from '../errors/retry-and-catch.ts';
import { StateFailure } from '../errors/state-failure.ts';
import type { Json } from '../json.ts';
import type { TaskResult } from '../script.ts';
import type { Step, Visit } from '../visit.ts';

const WAITS_FOR_TOKEN = /\.waitForTaskToken$/;
const HEARS_HEARTBEATS = /\.waitForTaskToken$|:activity:/;

/** Credentials (another account's role) are refused: no script could tell whether they were right. */
export const taskState = z
  .strictObject({
    Type: z.literal('Task'),
    ...anyState,
    ...transition,
    ...outputFields,
    Resource: z.string().refine((it) => !isExpression(it), 'must be a constant'),
    Arguments: template.optional(),
    TimeoutSeconds: constantOrExpression(seconds).optional(),
    HeartbeatSeconds: constantOrExpression(seconds).optional(),
    Retry: retry,
    Catch: catchers,
  })
  .refine((it) => it.HeartbeatSeconds === undefined || HEARS_HEARTBEATS.test(it.Resource), {
    path: ['HeartbeatSeconds'],
    error: 'only a task that waits for a token, or an activity, sends heartbeats',
  })
  // "a positive integer less than TimeoutSeconds" (spec, "Timeouts and heartbeats")
  .refine(({ HeartbeatSeconds: beat, TimeoutSeconds: all }) => !(Number(beat) >= Number(all)), {
    path: ['HeartbeatSeconds'],
    error: 'must be less than TimeoutSeconds',
  });
export type TaskState = z.infer<typeof taskState>;

export async function runTask(state: TaskState, visit: Visit): Promise<Step> {
  const waitsForToken = WAITS_FOR_TOKEN.test(state.Resource);
  return withRetryAndCatch(state, visit, async (attempt) => {
    const held = waitsForToken ? { ...attempt, taskToken: visit.engine.random.uuid() } : attempt;
    const result = await call(state, held);
    return { output: await settle(state, held, result, { result }), next: state.Next };
  });
}

async function call(state: TaskState, attempt: Visit): Promise<Json> {
  const { engine, frame, name } = attempt;
  const args =
    state.Arguments === undefined ? attempt.input : await evaluate(state.Arguments, 'Arguments', attempt);
  engine.limit(args, `the Arguments of '${name}'`);
  const timeout = await limitInSeconds(state.TimeoutSeconds, 'TimeoutSeconds', attempt);
  const heartbeat = await limitInSeconds(state.HeartbeatSeconds, 'HeartbeatSeconds', attempt);
  const scripted = engine.call({
    state: name,
    attempt: attempt.retryCount + 1,
    resource: state.Resource,
    arguments: args,
  });
  // scheduled and started
  engine.happened(2);
  await engine.clock.sleep(frame.strand, secondsUntilAnswer(scripted, timeout, heartbeat));
  // succeeded, failed or timed out
  engine.happened(1);
  const late = expired(scripted, timeout, heartbeat);
  if (late !== undefined) throw new StateFailure(late, `'${name}' did not answer in time`);
  if (scripted.kind === 'fail') throw new StateFailure(scripted.error, scripted.cause);
  engine.limit(scripted.value, `the result of '${name}'`);
  return scripted.value;
}

/** The error of a task that exceeds its limits, or nothing. More frequent heartbeats than required keep it alive. */
function expired(it: TaskResult, timeout: number, heartbeat: number): string | undefined {
  const silence = Math.min(it.heartbeatEvery, it.after);
  if (silence > heartbeat && heartbeat < timeout) return 'States.HeartbeatTimeout';
  return it.after > timeout ? 'States.Timeout' : undefined;
}

const secondsUntilAnswer = (it: TaskResult, timeout: number, heartbeat: number): number =>
  expired(it, timeout, heartbeat) === 'States.HeartbeatTimeout' ? heartbeat : Math.min(it.after, timeout);

async function limitInSeconds(
  field: number | string | undefined,
  name: string,
  visit: Visit,
): Promise<number> {
  if (field === undefined) return Number.POSITIVE_INFINITY;
  const limit = await evaluateAs('number', field, name, visit);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw queryError(visit, `The field '${name}' must be a positive whole number, but was ${limit}`);
}
