import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { FenceRefused } from '../../shared/database/lease-fence.ts';
import { type ErrorKind, LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { type FENCE_CHANGES, FenceAnswer } from '../../shared/lease/step-answers.ts';
import type { Workload } from '../workload.ts';

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });
/** Lambda passes on an error's name, not its class. */
const REFUSALS: readonly string[] = [new FenceRefused('').name, 'LeaseTaken', 'NotInPlan'];

/** The deployed function did not do what it was asked for. This error carries the name of the function's own error. */
export class FenceNotChanged extends LifeboatError {
  override readonly name: string;
  override readonly kind: ErrorKind;

  constructor(functionName: string, payload: unknown) {
    const { data } = Failure.safeParse(payload);
    super(data?.errorMessage ?? `${functionName} failed without a reason`, {
      hint: `See the log of function ${functionName}.`,
    });
    this.name = data?.errorType ?? 'FenceNotChanged';
    this.kind = REFUSALS.includes(this.name) ? 'usage' : 'unavailable';
  }
}

/** Shows or changes the fence of a database through the deployed function. @throws FenceNotChanged */
export async function changeFence(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: { readonly database: string; readonly change: (typeof FENCE_CHANGES)[number] },
): Promise<FenceAnswer> {
  const { FunctionError, Payload = new Uint8Array() } = await clients
    .lambdaAnsweringLate()
    .send(new InvokeCommand({ FunctionName: deployment.changeFence, Payload: JSON.stringify(asked) }));
  const answer: unknown = JSON.parse(Buffer.from(Payload).toString('utf8') || 'null');
  if (FunctionError) throw new FenceNotChanged(deployment.changeFence, answer);
  return FenceAnswer.parse(answer);
}
