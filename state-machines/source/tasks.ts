import type { Assign, Catcher, Retrier, Task } from './asl.ts';
import { jsonata } from './jsonata.ts';
import { asleep, throttled } from './retries.ts';

/** What a task does besides its call. A task without `next` ends its iteration. */
interface Route {
  readonly limitSeconds: number;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
  readonly next?: string;
}

interface Invocation extends Route {
  readonly payload: Readonly<Record<string, unknown>>;
  /** Name under which the answer is kept among the steps. */
  readonly step?: string;
  /** Variables that take fields of the answer. */
  readonly assign?: Assign;
  readonly output?: Exclude<Task['Output'], undefined>;
  /** The function runs in the plan's network, so it may have to be woken first. */
  readonly mayBeAsleep?: true;
}

/** Calls a Lambda function of the template: `CopyDatabase`. */
export function invoke(functionName: string, invocation: Invocation): Task {
  const { payload, step, assign = {}, output, mayBeAsleep, ...route } = invocation;
  const kept = {
    ...assign,
    ...(step === undefined
      ? {}
      : { steps: jsonata(`$merge([$steps, {'${step}': $states.result.Payload}])`) }),
  };
  return {
    ...call('lambda:invoke', { FunctionName: `\${${functionName}}`, Payload: payload }),
    ...(Object.keys(kept).length === 0 ? {} : { Assign: kept }),
    ...(output === undefined ? {} : { Output: output }),
    ...routed({ ...route, retry: [...route.retry, throttled, ...(mayBeAsleep ? [asleep] : [])] }),
  };
}

interface ServiceCall extends Route {
  readonly comment?: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly assign?: Assign;
  readonly output?: Exclude<Task['Output'], undefined>;
}

/** Calls an AWS service without a function between: `dynamodb:putItem`. */
export function callService(
  action: string,
  { comment, arguments: sent, assign, output, ...route }: ServiceCall,
): Task {
  return {
    ...call(action, sent, comment),
    ...(assign === undefined ? {} : { Assign: assign }),
    ...(output === undefined ? {} : { Output: output }),
    ...routed(route),
  };
}

/** The ARN of an integration. Its partition differs in China and in GovCloud, so CloudFormation fills it in. */
function integration(action: string): string {
  return `arn:\${Partition}:states:::${action}`;
}

function call(action: string, sent: Task['Arguments'], comment?: string) {
  return {
    Type: 'Task',
    ...(comment === undefined ? {} : { Comment: comment }),
    Resource: integration(action),
    Arguments: sent,
  } as const;
}

function routed({ limitSeconds, retry, catch: catchers, next }: Route) {
  return {
    TimeoutSeconds: limitSeconds,
    Retry: retry,
    Catch: catchers,
    ...(next === undefined ? { End: true as const } : { Next: next }),
  };
}

/** A field of what the function returned. */
export const answered = (field: string): string => jsonata(`$states.result.Payload.${field}`);
