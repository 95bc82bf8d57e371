import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Clock } from '../../clock/clock.ts';
import { deliverByCall, openByCall } from '../../delivery/aws-call.ts';
import { accepted, failed, unknown } from '../../delivery/delivery-outcome.ts';
import { printable } from '../../delivery/printable.ts';
import type { Delivery, Target } from '../../delivery/target.ts';
import { sqsEvent } from './sqs-event.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const REFUSALS = new Set([
  'InvalidRequestContentException',
  'RequestTooLargeException',
  'SerializedRequestEntityTooLargeException',
]);

/**
 * Invokes a function with each message as an SQS queue would, and waits for its response.
 *
 * @param timeout milliseconds to wait for the response
 * @param queueArn the queue that the event names as its source
 * @throws TargetMisconfigured if the function does not exist or may not be invoked
 */
export async function functionTarget(
  lambda: LambdaClient,
  { name, timeout, queueArn }: { name: string; timeout: number; queueArn: string },
  clock: Clock,
): Promise<Target> {
  const on = `function "${name}"`;
  const action = 'lambda:InvokeFunction';
  await openByCall(
    { action, on },
    lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' })),
  );
  const about = { action, on, limit: timeout, refusals: REFUSALS };
  return {
    async deliver(message, key, signal) {
      const call = new InvokeCommand({
        FunctionName: name,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify(sqsEvent(message, key, queueArn, clock.now())),
      });
      return deliverByCall(about, { signal, clock }, async (abortSignal) =>
        readAnswer(on, await lambda.send(call, { abortSignal })),
      );
    },
    health: async () => null,
    close: async () => lambda.destroy(),
  };
}

/** The parts of a function's response that matter: the messages it reports, or the error it ended with. */
const Answer = z.object({
  batchItemFailures: z.array(z.unknown()).nullish().catch(null),
  errorType: z.string().optional().catch(undefined),
  errorMessage: z.string().optional().catch(undefined),
});

/** The function was stopped, or ended without a response, so it had started. */
const STOPPED = /^(?:Sandbox\.|Runtime\.(?:ExitError|OutOfMemory))/;
const TIMED_OUT = /Task timed out after/;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
function readAnswer(
  on: string,
  { FunctionError, Payload }: Pick<InvokeCommandOutput, 'FunctionError' | 'Payload'>,
): Delivery {
  const answer = Answer.safeParse(parse(Payload)).data;
  if (FunctionError !== undefined) {
    const { errorType = FunctionError, errorMessage = '' } = answer ?? {};
    const reason = `${on} ended with ${[errorType, printable(errorMessage)].filter(Boolean).join(': ')}`;
    return STOPPED.test(errorType) || TIMED_OUT.test(errorMessage)
      ? unknown(reason, { slowDown: true })
      : failed(reason, { slowDown: true });
  }
  return answer?.batchItemFailures?.length
    ? failed(`${on} reported that it could not process the message`)
    : accepted;
}

function parse(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString());
  } catch {
    return undefined;
  }
}
