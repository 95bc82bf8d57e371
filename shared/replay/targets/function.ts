import {
  InvokeCommand,
  type InvokeCommandInput,
  type InvokeCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Clock } from '../../clock/clock.ts';
import { deliverByCall, openByCall } from '../../delivery/aws-call.ts';
import { accepted, failed, refused, unknown } from '../../delivery/delivery-outcome.ts';
import { KEY_ATTRIBUTE, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { parseJson } from '../../delivery/parse-body.ts';
import { printable } from '../../delivery/printable.ts';
import type { Delivery, Target } from '../../delivery/target.ts';
import { type Shape, type ShapeRules, shapeOf } from './shape.ts';
import { snsEvent } from './sns-event.ts';
import { sqsEvent } from './sqs-event.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const REFUSALS = new Set([
  'InvalidRequestContentException',
  'RequestTooLargeException',
  'SerializedRequestEntityTooLargeException',
]);

/**
 * Invokes a function with each message in the shape in which it first got it, and waits for its response.
 *
 * A payload is sent as it was, so its key is in the client context (`custom.LifeboatKey`), where it fits.
 *
 * @param timeout milliseconds to wait for the response
 * @param queueArn the queue that the event names as its source
 * @throws TargetMisconfigured if the function does not exist or may not be invoked
 */
export async function functionTarget(
  lambda: LambdaClient,
  { name, timeout, queueArn, rules }: { name: string; timeout: number; queueArn: string; rules: ShapeRules },
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
      const shape = shapeOf(message, rules);
      if (shape.as === null) return refused(shape.why);
      if (shape.as === 'payload' && parseJson(shape.text) === undefined)
        return refused('its payload is not JSON, and a function can only be called with JSON');
      const call = new InvokeCommand({
        FunctionName: name,
        InvocationType: 'RequestResponse',
        ...inShape(shape, message, key, { queueArn, now: clock.now() }),
      });
      return deliverByCall(about, { signal, clock }, async (abortSignal) =>
        readAnswer(on, await lambda.send(call, { abortSignal }), shape.as),
      );
    },
    health: async () => null,
    close: async () => lambda.destroy(),
  };
}

/** Bytes of a client context in base64. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax */
const CONTEXT_BYTES = 3_583;

function inShape(
  shape: Exclude<Shape, { as: null }>,
  message: OutgoingMessage,
  key: string,
  { queueArn, now }: { queueArn: string; now: Date },
): Pick<InvokeCommandInput, 'Payload' | 'ClientContext'> {
  switch (shape.as) {
    case 'payload': {
      const custom = JSON.stringify({ custom: { [KEY_ATTRIBUTE]: key } });
      const ClientContext = Buffer.from(custom).toString('base64');
      return { Payload: shape.text, ...(ClientContext.length <= CONTEXT_BYTES ? { ClientContext } : {}) };
    }
    case 'sns-event':
      return { Payload: JSON.stringify(snsEvent(message, key)) };
    default:
      return { Payload: JSON.stringify(sqsEvent(message, key, queueArn, now)) };
  }
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
  as: NonNullable<Shape['as']>,
): Delivery {
  const answer = Answer.safeParse(parse(Payload)).data;
  if (FunctionError !== undefined) {
    const { errorType = FunctionError, errorMessage = '' } = answer ?? {};
    const reason = `${on} ended with ${[errorType, printable(errorMessage)].filter(Boolean).join(': ')}`;
    return STOPPED.test(errorType) || TIMED_OUT.test(errorMessage)
      ? unknown(reason, { slowDown: true })
      : failed(reason, { slowDown: true });
  }
  // Only the consumer of a queue reports so; any other answer is the function's own.
  return as === 'sqs-event' && answer?.batchItemFailures?.length
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
