import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import type { HttpHandlerOptions, MiddlewareStack } from '@smithy/types';
import { type Caller, currentCaller } from '../caller.ts';
import { rememberCall } from '../passing-error.ts';
import { classifyServiceError } from '../service-error.ts';
import { callInWords, ServiceUnreachable } from '../service-unreachable.ts';

/** Which account and Region a client calls. What is absent comes from the environment, as for every AWS tool. */
export type AwsAccount = Pick<SQSClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** How long a client waits, and how often it tries. */
export interface ClientLimits {
  /** Attempts of a call, the first one included. */
  readonly attempts?: number;
  /** Milliseconds in which a connection is made, for each attempt. */
  readonly connectMs?: number;
  /** Milliseconds from the start of a request to the head of its response, for each attempt. */
  readonly answerMs?: number;
  /** Milliseconds without a byte, after which a response's body is given up. */
  readonly idleMs?: number;
  /** Calls at the same time; more wait for a connection. */
  readonly inFlight?: number;
}

export type ClientOptions = AwsAccount & ClientLimits;

/** A connection that is not made in this time will not be made. */
const CONNECT_MS = 3_000;

/**
 * Settings of an SDK client. A service that does not answer fails a call within `attempts` × `answerMs` and the waits
 * between. Without limits the SDK waits until Lambda kills the function, and no error says why.
 */
export function clientSettings({
  attempts = 3,
  connectMs = CONNECT_MS,
  answerMs = 10_000,
  idleMs = 30_000,
  inFlight = 50,
  ...account
}: ClientOptions) {
  const agent = { keepAlive: true, maxSockets: inFlight };
  return {
    ...account,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

/** What all clients of the SDK have in common. */
interface Client<Input extends object, Output extends object> {
  readonly config: Pick<SQSClient['config'], 'region' | 'serviceId' | 'requestHandler'>;
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/**
 * Binds a client to the function that calls it. No call waits longer than the function has time, unless it brings a signal of
 * its own. A call without a response fails with ServiceUnreachable, which names the service, the action, the Region and the
 * function's subnets. Of any other error it is remembered which call it came from.
 */
export function boundToCaller<Input extends object, Output extends object, Of>(
  client: Of & Client<Input, Output>,
): Of {
  const { config, middlewareStack } = client;
  endWithCaller(config.requestHandler);
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const { region, serviceId: service = '' } = config;
          const call = { service, action: commandName.replace(/Command$/, ''), region: await region() };
          throw named(error, call, currentCaller());
        }
      },
    // Outside of the retries: what is named is the last of all attempts.
    { step: 'initialize', priority: 'high', name: 'nameUnansweredCall' },
  );
  return client;
}

/** A middleware cannot set the signal of a call; the last hand before the network can. */
function endWithCaller(handler: SQSClient['config']['requestHandler']): void {
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options: HttpHandlerOptions = {}) => {
    const end = options.abortSignal ?? currentCaller()?.end;
    return handle(request, end ? { ...options, abortSignal: end } : options);
  };
}

function named(
  error: unknown,
  call: ConstructorParameters<typeof ServiceUnreachable>[0],
  caller: Caller | undefined,
): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'AbortError' && caller?.end.aborted) return caller.cutOff(callInWords(call));
  const { $metadata }: { $metadata?: { httpStatusCode?: number } } = error as object;
  const kind = classifyServiceError(error);
  if ($metadata?.httpStatusCode !== undefined || (kind !== 'unreachable' && kind !== 'unavailable')) {
    rememberCall(error, call);
    return error;
  }
  const mayBeDone = kind === 'unavailable';
  return new ServiceUnreachable(call, { mayBeDone, subnets: caller?.subnets ?? [], cause: error });
}
