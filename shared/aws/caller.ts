import { AsyncLocalStorage } from 'node:async_hooks';

/** What a Lambda function knows of itself while it works: every call of AWS that it makes then is bound to it. */
export interface Caller {
  /** Ends the calls that are still waiting. */
  readonly end: AbortSignal;
  /** The error of a call that the end cut off. @param call `DynamoDB GetItem in Region eu-west-1` */
  cutOff(call: string): Error;
  /** Ids of the subnets that the function calls from; empty for a function outside a VPC. */
  readonly subnets: readonly string[];
}

/** Handing the caller on by hand would put a parameter into every function between a handler and its calls. */
const callers = new AsyncLocalStorage<Caller>();

/** Does the work as this caller: its calls, and those of all that it starts, have the caller's end and subnets. */
export function callAs<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
  return callers.run(caller, work);
}

/** Who makes the call; undefined outside a Lambda function. */
export function currentCaller(): Caller | undefined {
  return callers.getStore();
}
