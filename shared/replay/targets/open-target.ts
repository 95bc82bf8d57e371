import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsAccount } from '../../aws/clients/settings.ts';
import { sqsClient } from '../../aws/clients/sqs.ts';
import { topicArnBeside } from '../../aws/topic-arn.ts';
import type { Clock } from '../../clock/clock.ts';
import { CALL_LIMIT } from '../../delivery/aws-call.ts';
import { queueArn } from '../../delivery/queue-address.ts';
import { sendOnce } from '../../delivery/send-once.ts';
import type { Target } from '../../delivery/target.ts';
import { targetsOf } from '../../plan/lookup.ts';
import { formatPath } from '../../plan/mistake.ts';
import type { Target as PlannedTarget, Replay } from '../../plan/sections/replays.ts';
import { parseExpression } from '../../plan/values/expression.ts';
import { bySource } from './by-source.ts';
import { queueTarget } from './queue.ts';
import { kindOf, type ShapeRules } from './shape.ts';
import { unwrapped } from './unwrapped.ts';
import { webhookTarget } from './webhook.ts';
import { readWebhookAddress } from './webhook-secret.ts';

/** What a target depends on. */
export interface TargetPorts {
  readonly secrets: SecretsManagerClient;
  readonly clock: Clock;
  /** Default: the account and Region of the environment. */
  readonly account?: AwsAccount;
}

/** How a target is used. */
export interface TargetUse {
  /** Name of the dead-letter queue whose messages the target receives. */
  readonly deadLetters: string;
  /** Deliveries in flight at the same time. */
  readonly inFlight: number;
  /** Where the plan says in which shape it is given messages, for use in reasons: `replays.orders.as`. */
  readonly place: string;
  /** How messages are given to it. */
  readonly shape?: Omit<ShapeRules, 'kind' | 'place'>;
}

/**
 * Prepares the targets of a queue's replay: reads secrets and looks up names. It sends nothing.
 *
 * @param name of the replay in the plan
 * @throws TargetMisconfigured if a target cannot be used as it is, with what to change
 */
export async function openTargets(
  name: string,
  {
    deadLetters,
    target,
    as,
    payload,
    sources,
  }: Pick<Replay, 'deadLetters' | 'target' | 'as' | 'payload' | 'sources'>,
  inFlight: number,
  ports: TargetPorts,
): Promise<Target> {
  const use = { deadLetters, inFlight };
  const shape = payload === undefined ? {} : { payload: parseExpression(payload) };
  const opened: Target[] = [];
  const open = async (planned: PlannedTarget, plannedAs: Replay['as'], path: string[]) => {
    const place = formatPath(['replays', name, ...path, 'as']);
    const one = await openTarget(planned, { ...use, place, shape: { ...shape, as: plannedAs } }, ports);
    opened.push(one);
    return one;
  };
  try {
    const others = await open(target, as, []);
    if (typeof sources !== 'object') return others;
    const routes = new Map<string, Target>();
    for (const [from, source] of Object.entries(sources))
      routes.set(from, await open(source.target, source.as, ['sources', from]));
    return bySource(others, routes);
  } catch (error) {
    await Promise.allSettled(opened.map((one) => one.close()));
    throw error;
  }
}

/**
 * Prepares one target. It sends nothing.
 *
 * @throws TargetMisconfigured as above
 */
export async function openTarget(
  target: PlannedTarget,
  { deadLetters, inFlight, place, shape = {} }: TargetUse,
  { secrets, clock, account = {} }: TargetPorts,
): Promise<Target> {
  const rules = { kind: kindOf(target), place, ...shape };
  if ('webhook' in target) {
    const { secret, timeout, health = null } = target.webhook;
    const address = await readWebhookAddress(secrets, target.webhook);
    return unwrapped(webhookTarget(address, { secret, timeout, health, inFlight }, clock), rules);
  }
  const settings = sendOnce(account, inFlight, longestDelivery(target));
  const sqs = sqsClient(settings);
  if ('queue' in target) return unwrapped(await queueTarget(sqs, target.queue, clock), rules);
  // Topics and functions are looked up in the account and Region of the dead-letter queue. Only the queue can
  // be found by name alone.
  const source = await queueArn(sqs, deadLetters).finally(() => sqs.destroy());
  // Modules that only some plans need are loaded on demand, because a cold start waits for everything it
  // loads.
  if ('function' in target) {
    const [{ lambdaClient }, { functionTarget }] = await Promise.all([
      import('../../aws/clients/lambda.ts'),
      import('./function.ts'),
    ]);
    return functionTarget(lambdaClient(settings), { ...target.function, queueArn: source, rules }, clock);
  }
  const [{ snsClient }, { topicTarget }] = await Promise.all([
    import('../../aws/clients/sns.ts'),
    import('./topic.ts'),
  ]);
  return unwrapped(
    await topicTarget(snsClient(settings), topicArnBeside(source, target.topic), clock),
    rules,
  );
}

/** The longest that one delivery can take, in milliseconds. A lease must be longer. */
export function longestDelivery(target: PlannedTarget): number {
  if ('webhook' in target) return target.webhook.timeout;
  return 'function' in target ? target.function.timeout : CALL_LIMIT;
}

/** The target of a replay that may take longest for one delivery. */
export function slowestTarget(replay: Pick<Replay, 'target' | 'sources'>): PlannedTarget {
  return targetsOf(replay).reduce((slowest, target) =>
    longestDelivery(target) > longestDelivery(slowest) ? target : slowest,
  );
}
