import { FenceRefused } from '../../shared/database/lease-fence.ts';
import { LeaseTaken } from '../../shared/lease/change-fence.ts';
import { type FENCE_CHANGES, FenceAnswer } from '../../shared/lease/step-answers.ts';
import { NotInPlan } from '../../shared/plan/lookup.ts';
import { callFunction } from '../aws/call-function.ts';
import type { Workload } from '../workload.ts';

/** The function's errors about what it was asked for. */
const ABOUT_THE_REQUEST = [new FenceRefused(''), new LeaseTaken(''), new NotInPlan('')].map(
  ({ name }) => name,
);

/** Shows or changes the fence of a database through the deployed function. @throws FunctionFailed */
export async function changeFence(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: { readonly database: string; readonly change: (typeof FENCE_CHANGES)[number] },
): Promise<FenceAnswer> {
  const answer = await callFunction(clients.lambdaAnsweringLate(), deployment.changeFence, asked, {
    aboutTheRequest: ABOUT_THE_REQUEST,
  });
  return FenceAnswer.parse(answer);
}
