import { Fault } from '../protocol/fault.ts';

/** Names of errors by which the engine refuses what a request asked for, not what it failed at. */
const refusals = new Set(['NameRefused', 'ParameterRefused', 'PortTaken']);

/** What the engine refuses to do is the caller's mistake: InvalidParameterValue. Any other error stays as it is. */
export function asFault(error: unknown): unknown {
  const { name, message } = error as Error;
  return refusals.has(name) ? new Fault('InvalidParameterValue', message, { cause: error }) : error;
}
