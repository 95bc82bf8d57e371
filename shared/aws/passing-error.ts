import { LifeboatError } from '../errors/lifeboat-error.ts';
import { classifyServiceError } from './service-error.ts';
import { callInWords, type NamedCall } from './service-unreachable.ts';

/** A service of AWS asked to slow down in every attempt of a call. The call had no effect. */
export class ServiceThrottled extends LifeboatError {
  override readonly name = 'ServiceThrottled';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** A service of AWS failed in every attempt of a call. The call may have had its effect. */
export class ServiceFailed extends LifeboatError {
  override readonly name = 'ServiceFailed';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** Which call an error of the SDK came from. The error itself names neither the action nor the Region. */
const calls = new WeakMap<Error, NamedCall>();

export function rememberCall(error: Error, call: NamedCall): void {
  calls.set(error, call);
}

/**
 * Gives an error of a call that may succeed later one of the two names that every machine retries. Services have many names for
 * the same thing: `Throttling`, `RequestLimitExceeded`, `SlowDown`, `InternalFailure`. Decisions about a call see the service's own
 * name; only what leaves a function is renamed.
 *
 * @returns any other error as it is
 */
export function namedIfPassing(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LifeboatError) return error;
  const call = calls.get(error);
  const who = call ? callInWords(call) : 'a call of AWS';
  const words = `${error.name}: ${error.message}`;
  switch (classifyServiceError(error)) {
    case 'throttled':
      return new ServiceThrottled(`${who} was throttled in every attempt (${words})`, { cause: error });
    case 'unavailable':
      return new ServiceFailed(`${who} failed in every attempt (${words})`, { cause: error });
    default:
      return error;
  }
}
