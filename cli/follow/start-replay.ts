import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { AskedReplay } from '../../shared/recovery/replay-request.ts';
import type { Workload } from '../workload.ts';
import type { StartedRun } from './sight.ts';

export interface StartedReplay extends StartedRun {
  readonly machine: 'replay';
  readonly requestId: string;
  /** The request was made before: this is the run that it started then. */
  readonly alreadyStarted: boolean;
}

const Answer = z.object({ executionArn: z.string(), runId: z.string(), alreadyStarted: z.boolean() });
const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

/** The deployed function did not start a replay. Named as the function names what is wrong. */
export class ReplayNotStarted extends Error {
  override readonly name: string;

  constructor(functionName: string, payload: unknown) {
    const { data } = Failure.safeParse(payload);
    super(data?.errorMessage ?? `${functionName} failed without words: its log says more`);
    this.name = data?.errorType ?? 'ReplayNotStarted';
  }
}

/**
 * Starts a replay through the function that every start goes through, so that the same `requestId` starts one, however often.
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
