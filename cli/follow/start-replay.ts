import * as z from 'zod';
import { NotInPlan } from '../../shared/plan/lookup.ts';
import type { AskedReplay } from '../../shared/recovery/replay-request.ts';
import { callFunction } from '../aws/call-function.ts';
import type { Workload } from '../workload.ts';
import type { StartedRun } from './sight.ts';

export interface StartedReplay extends StartedRun {
  readonly machine: 'replay';
  readonly requestId: string;
  /** The same request was made before and started this run. */
  readonly alreadyStarted: boolean;
}

const Answer = z.object({ executionArn: z.string(), runId: z.string(), alreadyStarted: z.boolean() });

/**
 * Starts a replay through the function that handles every start. The same `requestId` therefore starts only one replay.
 *
 * @throws FunctionFailed
 */
export async function startReplay(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: AskedReplay,
): Promise<StartedReplay> {
  const answer = await callFunction(clients.lambda, deployment.startReplay, asked, {
    aboutTheRequest: [new NotInPlan('').name],
  });
  return { machine: 'replay', requestId: asked.requestId, ...Answer.parse(answer) };
}
