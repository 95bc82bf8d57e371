import { setTimeout as sleep } from 'node:timers/promises';
import {
  ListSubscriptionsByTopicCommand,
  type SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
} from '@aws-sdk/client-sns';
import pLimit from 'p-limit';
import type pg from 'pg';
import { replayOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { LocalAws } from '../start.ts';
import { LOST_CAMPAIGN } from './dead-letters.ts';
import { asOwner, type Sample } from './sample.ts';
import { type SampleWebhook, startWebhook } from './webhook.ts';

/** The sample application: its webhook and its database. */
export interface Application {
  readonly webhook: SampleWebhook;
  /** Delivers events as SNS would. */
  receive(events: readonly string[]): Promise<void>;
  /** How often the application recorded each of these MessageIds. Ids that it never recorded are absent. */
  recorded(messageIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Restores the campaign whose events are refused. */
  putCampaignBack(): Promise<void>;
}

const AT_A_TIME = 16;

/** Starts the sample's webhook at the address in the plan's secret, and subscribes it to its topic. */
export async function startApplication(
  aws: LocalAws,
  { plan, clients }: { plan: Plan; clients: { sns: SNSClient } },
  sample: Sample,
): Promise<Application> {
  const { target, subscription, deadLetters } = replayOf(plan, sample.queue);
  const url = 'webhook' in target ? aws.addresses[target.webhook.secret] : undefined;
  const database = aws.databases[sample.database];
  if (url === undefined || !database)
    throw new Error(`the local AWS has no webhook for the queue "${sample.queue}"`);
  const webhook = await startWebhook({ url, database });
  const arn = (service: string, name: string) => `arn:aws:${service}:${aws.region}:${aws.accountId}:${name}`;
  try {
    if (subscription)
      await subscribe(clients.sns, {
        TopicArn: arn('sns', subscription.topic),
        Protocol: 'http',
        Endpoint: url,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('sqs', deadLetters) }) },
      });
  } catch (error) {
    await webhook.stop();
    throw error;
  }
  const onDatabase = <T>(work: (client: pg.Client) => Promise<T>) => asOwner(aws, sample.database, work);
  return {
    webhook,
    async receive(events) {
      const limited = pLimit(AT_A_TIME);
      await Promise.all(
        events.map((body) =>
          limited(async () => {
            const headers = {
              'x-amz-sns-message-type': 'Notification',
              'content-type': 'text/plain; charset=UTF-8',
            };
            const { status } = await fetch(url, { method: 'POST', body, headers });
            if (status !== 200) throw new Error(`the webhook answered ${status} to an event`);
          }),
        ),
      );
    },
    recorded: (messageIds) =>
      onDatabase(async (client) => {
        const { rows } = await client.query<{ id: string; times: number }>(
          `SELECT meta->>'sns_message_id' AS id, count(*)::int AS times FROM email_events
           WHERE meta->>'sns_message_id' = ANY ($1) GROUP BY 1`,
          [messageIds],
        );
        return new Map(rows.map(({ id, times }) => [id, times]));
      }),
    putCampaignBack: () =>
      onDatabase(async (client) => {
        await client.query(
          `INSERT INTO campaigns (id, account_id, name, subject, html_body, settings, created_at)
           SELECT $1, account_id, name, subject, html_body, settings, created_at FROM campaigns ORDER BY id LIMIT 1`,
          [LOST_CAMPAIGN],
        );
      }),
  };
}

const LOOK_EVERY_MS = 50;

/** Resolves once the webhook has confirmed: its subscription then has an ARN. */
async function subscribe(sns: SNSClient, wanted: SubscribeCommandInput): Promise<void> {
  const { TopicArn, Endpoint } = wanted;
  await sns.send(new SubscribeCommand(wanted));
  for (;;) {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const ours = Subscriptions.find((subscription) => subscription.Endpoint === Endpoint);
    if (ours?.SubscriptionArn?.startsWith('arn:')) return;
    await sleep(LOOK_EVERY_MS);
  }
}
