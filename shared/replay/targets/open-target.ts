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

/** What a target stands on. */
export interface TargetPorts {
  readonly secrets: SecretsManagerClient;
  readonly clock: Clock;
  /** The environment's account and Region, unless told otherwise. */
  readonly account?: AwsAccount;
}

/** How a target is used. */
export interface TargetUse {
  /** Name of the dead-letter queue whose messages it is sent. */
  readonly deadLetters: string;
  /** Deliveries at the same time. */
  readonly inFlight: number;
}

/**
 * Makes ready where the plan sends a queue's messages: secrets are read, names are looked up, nothing is sent.
 *
 * @throws TargetMisconfigured when it cannot be used as it is, with what to change
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
  // A topic and a function are looked for where the dead-letter queue is, which is the one whose name can be asked for.
  const source = await queueArn(sqs, deadLetters).finally(() => sqs.destroy());
  // What only some plans need is loaded where one does: a cold start waits for all that it loads.
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

/** Milliseconds that one delivery can take: a lease must be longer. */
export function longestDelivery(target: PlannedTarget): number {
  if ('webhook' in target) return target.webhook.timeout;
  return 'function' in target ? target.function.timeout : CALL_LIMIT;
}
