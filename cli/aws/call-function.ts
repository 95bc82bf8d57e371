import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type ErrorKind, LifeboatError } from '../../shared/errors/lifeboat-error.ts';

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

interface Failed {
  readonly functionName: string;
  /** What Lambda answered: nothing of use where the sandbox died. */
  readonly payload: unknown;
  /** Errors of the function that are about what it was asked for. Lambda passes on an error's name, not its class. */
  readonly aboutTheRequest: readonly string[];
  /** What more a person has to know, after the message. */
  readonly more: string;
}

/** A deployed function did not do what it was asked for. This error carries the name of the function's own error. */
export class FunctionFailed extends LifeboatError {
  override readonly name: string;
  override readonly kind: ErrorKind;
  override readonly retryable: boolean;

  constructor({ functionName, payload, aboutTheRequest, more }: Failed) {
    const { data } = Failure.safeParse(payload);
    super(`${data?.errorMessage ?? `${functionName} failed without a reason`}${more}`, {
      hint: `See the log of function ${functionName}.`,
    });
    this.name = data?.errorType ?? 'FunctionFailed';
    this.kind = aboutTheRequest.includes(this.name) ? 'usage' : 'unavailable';
    this.retryable = this.kind !== 'usage';
  }
}

/**
 * Calls a deployed function and returns its answer.
 *
 * @param options.aboutTheRequest names of its errors that are the caller's mistake: the command ends as wrong usage
 * @throws FunctionFailed
 */
export async function callFunction(
  lambda: LambdaClient,
  functionName: string,
  asked: object,
  { aboutTheRequest = [], more = '' }: Partial<Pick<Failed, 'aboutTheRequest' | 'more'>> = {},
): Promise<unknown> {
  const { FunctionError, Payload = new Uint8Array() } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(asked) }),
  );
  const payload: unknown = JSON.parse(Buffer.from(Payload).toString('utf8') || 'null');
  if (FunctionError) throw new FunctionFailed({ functionName, payload, aboutTheRequest, more });
  return payload;
}
