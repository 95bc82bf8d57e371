import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type ErrorKind, LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { NotInPlan } from '../../shared/plan/lookup.ts';
import type { AskedReplay } from '../../shared/recovery/replay-request.ts';
import type { Workload } from '../workload.ts';
import type { StartedRun } from './sight.ts';

export interface StartedReplay extends StartedRun {
  readonly machine: 'replay';
  readonly requestId: string;
  /** The same request was made before and started this run. */
  readonly alreadyStarted: boolean;
}

const Answer = z.object({ executionArn: z.string(), runId: z.string(), alreadyStarted: z.boolean() });
const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

/** The function's error about the request. Lambda passes on an error's name, not its class. */
const ABOUT_THE_REQUEST = new NotInPlan('').name;

/** The deployed function did not start a replay. This error carries the name of the function's own error. */
export class ReplayNotStarted extends LifeboatError {
  override readonly name: string;
  override readonly kind: ErrorKind;
  override readonly retryable: boolean;

  constructor(functionName: string, payload: unknown) {
    const { data } = Failure.safeParse(payload);
    super(data?.errorMessage ?? `${functionName} failed without a reason`, {
      hint: `See the log of function ${functionName}.`,
    });
    this.name = data?.errorType ?? 'ReplayNotStarted';
    this.kind = this.name === ABOUT_THE_REQUEST ? 'usage' : 'unavailable';
    this.retryable = this.kind !== 'usage';
  }
}

/**
 * Starts a replay through the function that handles every start. The same `requestId` therefore starts only one replay.
 *
 * @throws ReplayNotStarted
 */
export async function startReplay(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: AskedReplay,
): Promise<StartedReplay> {
  const { FunctionError, Payload = new Uint8Array() } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: deployment.startReplay, Payload: JSON.stringify(asked) }),
  );
  const answer: unknown = JSON.parse(Buffer.from(Payload).toString('utf8') || 'null');
  if (FunctionError) throw new ReplayNotStarted(deployment.startReplay, answer);
  return { machine: 'replay', requestId: asked.requestId, ...Answer.parse(answer) };
}
