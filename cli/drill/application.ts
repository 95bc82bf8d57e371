import pLimit from 'p-limit';
import type pg from 'pg';
import { type SampleWebhook, startWebhook } from '../../local/sample/webhook.ts';
import type { LocalAws } from '../../local/start.ts';
import { queueOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { LOST_CAMPAIGN } from './dead-letters.ts';
import { asOwner, type Sample } from './sample.ts';

/** The application's side of a replay drill: its webhook and its database. */
export interface Application {
  readonly webhook: SampleWebhook;
  /** Delivers events as SNS would. */
  receive(events: readonly string[]): Promise<void>;
  /** How often each of these MessageIds stands in its table. One that does not is absent. */
  recorded(messageIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Puts back the campaign whose events are refused. */
  putCampaignBack(): Promise<void>;
}

const AT_A_TIME = 16;

/** Starts the sample's webhook at the address that the plan's secret names. */
export async function startApplication(aws: LocalAws, plan: Plan, sample: Sample): Promise<Application> {
  const { target } = queueOf(plan, sample.queue);
  const url = 'webhook' in target ? aws.addresses[target.webhook.secret] : undefined;
  const database = aws.databases[sample.database];
  if (url === undefined || !database)
    throw new Error(`the local AWS has no webhook for the queue "${sample.queue}"`);
  const webhook = await startWebhook({ url, database });
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
