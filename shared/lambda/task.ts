import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { callAs } from '../aws/caller.ts';
import { namedIfPassing } from '../aws/passing-error.ts';
import { systemClock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { SUBNETS } from './environment.ts';
import { logAsLoggable, loggable } from './loggable-error.ts';

/** What a function is, to the state machine that calls it: the other half is the task's `Arguments`. */
export interface TaskContract<Input extends z.ZodType, Output extends z.ZodType, Env extends z.ZodType> {
  readonly name: string;
  readonly input: Input;
  readonly output: Output;
  /** Every environment variable the function reads; missing ones are reported together. */
  readonly environment: Env;
}

/** What a single call knows beside its input. */
export interface Call {
  /** Fires with OutOfTime shortly before Lambda would kill the function without a word. */
  readonly signal: AbortSignal;
  /** When the signal fires. */
  readonly until: Date;
  /** Unique to this call, also among retries. */
  readonly requestId: string;
  /** Lambda's own, for libraries that ask for it. */
  readonly context: Context;
}

/** The input does not fit the function's contract. */
export class InvalidInput extends LifeboatError {
  override readonly name = 'InvalidInput';
  override readonly kind = 'usage';
}

/** The function was deployed without settings it needs. */
export class EnvironmentIncomplete extends LifeboatError {
  override readonly name = 'EnvironmentIncomplete';
  override readonly kind = 'usage';
}

/** The function's time was nearly over before its work was done. */
export class OutOfTime extends LifeboatError {
  override readonly name = 'OutOfTime';
  override readonly kind = 'incomplete';
}

/** Left for closing connections and reporting the failure. */
const MARGIN_MS = 5_000;

/** Left for reporting that a call of AWS had no response: what was to be closed or saved by such calls has had its time. */
const LAST_MARGIN_MS = 1_000;

/**
 * Makes a Lambda handler of a use case: reads the environment once, checks what comes in and goes out, and logs a
 * failure once. Inputs and outputs are never logged. A call of AWS that was throttled or failed leaves the function as
 * ServiceThrottled or ServiceFailed, which every machine retries.
 *
 * @param create builds the use case from the environment; called at the first invocation and kept
 * @returns the handler, which carries its contract so that a state machine can be checked against it
 */
export function task<Input extends z.ZodType, Output extends z.ZodType, Env extends z.ZodType>(
  contract: TaskContract<Input, Output, Env>,
  create: (environment: z.output<Env>) => (input: z.output<Input>, call: Call) => Promise<z.input<Output>>,
) {
  const logger = new Logger({ serviceName: contract.name });
  let useCase: ReturnType<typeof create> | undefined;
  const handler = middy<unknown, z.output<Output>, Error, Context>()
    .use(injectLambdaContext(logger))
    .use({
      onError: ({ error }) => {
        if (!error) return;
        nameByKind(error);
        const logged = loggable(error);
        logger.error(logged.message, { error: logged });
        logAsLoggable(error);
      },
    })
    .handler(async (event, context) => {
      useCase ??= create(readEnvironment(contract.environment));
      const input = contract.input.safeParse(event);
      if (!input.success) throw new InvalidInput(`${contract.name}: ${z.prettifyError(input.error)}`);
      const remaining = context.getRemainingTimeInMillis();
      const work = abortAfter(
        remaining - MARGIN_MS,
        () => new OutOfTime(`${contract.name} was not done within its time limit`),
      );
      const calls = abortAfter(remaining - LAST_MARGIN_MS);
      const call = {
        signal: work.signal,
        until: new Date(systemClock.now().getTime() + Math.max(0, remaining - MARGIN_MS)),
        requestId: context.awsRequestId,
        context,
      };
      const caller = {
        end: calls.signal,
        subnets: subnets(),
        cutOff: (waitingFor: string) =>
          new OutOfTime(`${contract.name} was not done within its time limit: ${waitingFor} had no response`),
      };
      try {
        const run = useCase;
        const result = await callAs(caller, () => run(input.data, call));
        return contract.output.parse(result);
      } catch (error) {
        throw namedIfPassing(error);
      } finally {
        work.cancel();
        calls.cancel();
      }
    });
  return Object.assign(handler, { contract });
}

/** A signal that fires after this time. @param reason of the abort */
function abortAfter(milliseconds: number, reason?: () => Error): { signal: AbortSignal; cancel: () => void } {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(reason?.()), Math.max(0, milliseconds));
  return { signal: ending.signal, cancel: () => clearTimeout(timer) };
}

/** The function's subnets, as the stack names them (resources/functions.ts). */
function subnets(): string[] {
  return (process.env[SUBNETS] ?? '').split(',').filter((id) => id !== '');
}

/**
 * PostgreSQL's driver calls each of its errors `error`. Step Functions shows the name as the reason of a failed run, so it
 * becomes `DatabaseError`. https://github.com/brianc/node-postgres/blob/master/packages/pg-protocol/src/messages.ts
 */
function nameByKind(error: Error): void {
  if (error.name === 'error' && 'code' in error) error.name = 'DatabaseError';
}

function readEnvironment<Env extends z.ZodType>(schema: Env): z.output<Env> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new EnvironmentIncomplete(`missing or wrong environment variables: ${missing}`);
}
