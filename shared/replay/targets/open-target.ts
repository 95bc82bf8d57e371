import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsAccount } from '../../aws/clients/settings.ts';
import { sqsClient } from '../../aws/clients/sqs.ts';
import { topicArnBeside } from '../../aws/topic-arn.ts';
import type { Clock } from '../../clock/clock.ts';
import { CALL_LIMIT } from '../../delivery/aws-call.ts';
import { queueArn } from '../../delivery/queue-address.ts';
import { sendOnce } from '../../delivery/send-once.ts';
import type { Target } from '../../delivery/target.ts';
import type { Target as PlannedTarget } from '../../plan/sections/replays.ts';
import { queueTarget } from './queue.ts';
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
}

/**
 * Prepares the target of a queue's replay: reads secrets and looks up names. It sends nothing.
 *
 * @throws TargetMisconfigured if the target cannot be used as it is, with what to change
 */
export async function openTarget(
  target: PlannedTarget,
  { deadLetters, inFlight }: TargetUse,
  { secrets, clock, account = {} }: TargetPorts,
): Promise<Target> {
  if ('webhook' in target) {
    const { secret, timeout, health = null } = target.webhook;
    const address = await readWebhookAddress(secrets, target.webhook);
    return webhookTarget(address, { secret, timeout, health, inFlight }, clock);
  }
  const settings = sendOnce(account, inFlight, longestDelivery(target));
  const sqs = sqsClient(settings);
  if ('queue' in target) return queueTarget(sqs, target.queue, clock);
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
    return functionTarget(lambdaClient(settings), { ...target.function, queueArn: source }, clock);
  }
  const [{ snsClient }, { topicTarget }] = await Promise.all([
    import('../../aws/clients/sns.ts'),
    import('./topic.ts'),
  ]);
  return topicTarget(snsClient(settings), topicArnBeside(source, target.topic), clock);
}

/** The longest that one delivery can take, in milliseconds. A lease must be longer. */
export function longestDelivery(target: PlannedTarget): number {
  if ('webhook' in target) return target.webhook.timeout;
  return 'function' in target ? target.function.timeout : CALL_LIMIT;
}
