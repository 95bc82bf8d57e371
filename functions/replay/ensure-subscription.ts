import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { snsClient } from '../../shared/aws/clients/sns.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';
import { topicArnBeside } from '../../shared/aws/topic-arn.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { queueArn } from '../../shared/delivery/queue-address.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { countScheduledStart } from '../../shared/lambda/scheduled-start-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { NotInPlan, replayOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { readWebhookAddress } from '../../shared/replay/targets/webhook-secret.ts';
import { announceSubscription } from '../../shared/subscription/announce.ts';
import { confirmSubscription } from '../../shared/subscription/confirm-subscription.ts';
import { ensureSubscription } from '../../shared/subscription/ensure-subscription.ts';
import { SubscriptionEnsured } from '../../shared/subscription/step-answers.ts';

/** At most two attempts, because a replay waits for the result. */
const PATIENCE_MS = 5_000;

/**
 * Checks and restores the subscription of a queue's webhook.
 * A confirmation that was received elsewhere may be passed in.
 */
export const handler = task(
  {
    name: 'ensure-subscription',
    input: RunReference.partial().extend({
      queue: z.string(),
      /** The SubscriptionConfirmation as SNS sent it. */
      confirmation: z.string().optional(),
      /** A look on schedule: what it repairs is announced, and what it cannot repair is an error. */
      announce: z.boolean().optional(),
    }),
    output: SubscriptionEnsured,
    environment: z.object({ ALERTS_TOPIC_ARN: z.string().min(1) }),
  },
  ({ ALERTS_TOPIC_ARN }) => {
    const { plan } = deployedPlan();
    const sns = snsClient();
    const sqs = sqsClient();
    const secrets = secretsClient();
    return ({ queue: name, confirmation, announce = false }, { signal }) =>
      timed(systemClock, async () => {
        const { target, subscription, deadLetters, format } = replayOf(plan, name);
        if (!subscription || !('webhook' in target))
          throw new NotInPlan(`the plan has no subscription for queue "${name}"`);
        if (announce) countScheduledStart('ensure-subscription', plan.workload, name);
        const { url: endpoint } = await readWebhookAddress(secrets, target.webhook);
        const deadLettersArn = await queueArn(sqs, deadLetters);
        const topicArn = (topic: string) => topicArnBeside(deadLettersArn, topic);
        const topics = Object.values(plan.replays).flatMap(({ subscription }) =>
          subscription ? [topicArn(subscription.topic)] : [],
        );
        const confirmed =
          confirmation === undefined ? null : await confirmSubscription(sns, confirmation, new Set(topics));
        const report = await ensureSubscription(
          { sns, clock: systemClock },
          {
            topicArn: topicArn(subscription.topic),
            endpoint,
            patience: PATIENCE_MS,
            // A standard topic cannot deliver to a FIFO queue.
            deadLetters: deadLetters.endsWith('.fifo') ? null : deadLettersArn,
            envelopes: format === 'sns',
          },
          signal,
        );
        if (announce) {
          const about = { topicArn: ALERTS_TOPIC_ARN, workload: plan.workload, queue: name };
          await announceSubscription(sns, about, report);
        }
        return { ...report, confirmed };
      });
  },
);
