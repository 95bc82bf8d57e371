import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { visible } from '../text/visible.ts';
import type { SubscriptionReport } from './subscription-report.ts';

/** A subscription was asked for again, and its webhook did not confirm it. */
export class SubscriptionUnconfirmed extends LifeboatError {
  override readonly name = 'SubscriptionUnconfirmed';
  override readonly kind = 'unavailable';
}

/**
 * Tells people what a look on schedule found: a subscription that was lost and is repaired, once, because the next look finds
 * it confirmed. One that waits for its webhook is not announced at each look; its error raises an alarm.
 *
 * @throws SubscriptionUnconfirmed where the subscription delivers nothing
 */
export async function announceSubscription(
  sns: SNSClient,
  { topicArn, workload, queue }: { topicArn: string; workload: string; queue: string },
  { done, now, words }: Pick<SubscriptionReport, 'done' | 'now' | 'words'>,
): Promise<void> {
  if (done === 'subscribed')
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: visible(`Lifeboat: ${workload}/${queue}: SUBSCRIPTION WAS LOST`).slice(0, 100),
        Message: visible(
          `${words}. What was published while it was missing did not reach the webhook, and no dead letter is left of it: ask the sender for it`,
        ),
        // A repaired subscription lost messages, so it is told to those who are told of failures.
        MessageAttributes: { outcome: { DataType: 'String', StringValue: 'failed' } },
      }),
    );
  if (now !== 'confirmed') throw new SubscriptionUnconfirmed(words);
}
