import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadSample } from '../../../local/sample/load-sample.ts';
import { type SampleWebhook, startWebhook } from '../../../local/sample/webhook.ts';
import { messageIdOf, webhookEvent } from '../../../local/sample/webhook-events.ts';
import { type Account, sum } from '../../../shared/replay/account/account.ts';
import type { ReplayOptions } from '../../../shared/replay/options.ts';
import type { Evidence } from '../../../shared/run/evidence.ts';
import { type Deployed, deploy } from './deployed.ts';
import { openQueue } from './replay-queue.ts';

/** Each test has its own queue and webhook, so that replays run in parallel. */
export const QUEUES = 21;
export const LIMIT_MS = 180_000;
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mailblast-email-events';
export const AT = new Date('2026-11-01T00:00:00Z');
export const LOST_CAMPAIGN = '9999';

export let deployed: Deployed;
export let sqs: SQSClient;
export let dynamo: DynamoDBClient;
export let folder: string;
export const webhooks: SampleWebhook[] = [];
export let taken = 0;

export const queueNamed = (number: number) => `events-${number}`;
export const deadLettersOf = (number: number) => `mailblast-dlq-${number}`;
export const secretOf = (number: number) => `mailblast/webhook-${number}`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-faults-'));
  const plan = parse(await readFile('plans/mailblast.yml', 'utf8'));
  const { format, alreadyApplied, scenario } = plan.replays['webhook-events'];
  plan.replays = Object.fromEntries(
    Array.from({ length: QUEUES }, (_, number) => [
      queueNamed(number),
      {
        deadLetters: deadLettersOf(number),
        target: { webhook: { secret: secretOf(number), timeout: '2s', health: '/health/ready' } },
        ...{ format, alreadyApplied, scenario },
      },
    ]),
  );
  const planFile = path.join(folder, 'faults.yml');
  await writeFile(planFile, stringify(plan));
  // A replay does not wait for a dead worker's leases: the tests do, and start another replay as an operator would.
  deployed = await deploy({ plan: planFile, waitScale: 0 });
  const { endpoint, region, accountId, addresses, databases } = deployed.aws;
  const settings = { endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  sqs = new SQSClient(settings);
  dynamo = new DynamoDBClient(settings);
  await deployed.onSource((client) => loadSample(client, 'mailblast', { scale: 0.01 }));
  const { main = {} } = databases;
  for (let number = 0; number < QUEUES; number++)
    webhooks.push(await startWebhook({ url: addresses[secretOf(number)] ?? '', database: main }));
});

afterAll(async () => {
  await Promise.all(webhooks.map((webhook) => webhook.stop()));
  sqs?.destroy();
  dynamo?.destroy();
  await deployed?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A queue with this many events that are new to the application, and its webhook. */
export async function open(events: number) {
  const number = taken++;
  const webhook = webhooks[number];
  if (!webhook) throw new Error('there are more tests than queues');
  const queue = await openQueue(sqs, deadLettersOf(number));
  const first = (number + 1) * 10_000;
  const event = (index: number) => webhookEvent(first + index, { topicArn: TOPIC, at: AT });
  const idOf = (index: number) => messageIdOf(first + index);
  await queue.put(Array.from({ length: events }, (_, index) => event(index)));
  const runs: Evidence[] = [];

  const input = (options?: ReplayOptions) => ({ queue: queueNamed(number), ...(options && { options }) });
  async function keep(runId: string): Promise<Evidence & { readonly account: Account }> {
    const evidence = await deployed.evidence('replay', runId);
    const account = evidence.account ?? sum([]);
    const { received, delivered, duplicates, quarantined, returned } = account;
    expect(delivered + duplicates + quarantined + returned).toBe(received);
    runs.push(evidence);
    return { ...evidence, account };
  }

  return {
    webhook,
    queue,
    event,
    idOf,
    name: queueNamed(number),
    deadLetters: deadLettersOf(number),
    async replay(options?: ReplayOptions) {
      const { runId, status } = await deployed.run('replay', input(options));
      const evidence = await keep(runId);
      const isGood = evidence.outcome === 'replayed' || evidence.outcome === 'dry-run';
      expect(status).toBe(isGood ? 'SUCCEEDED' : 'FAILED');
      return evidence;
    },
    /** Starts a replay, and continues once this many events took effect. @returns its evidence */
    async startReplay(effects: number, options: ReplayOptions) {
      const { executionArn, runId } = await deployed.start('replay', input(options));
      while (webhook.counts().effects < effects) await sleep(20);
      return async () => {
        await deployed.ended(executionArn);
        return keep(runId);
      };
    },
    /** Replays as an operator does: repeatedly, until nothing is left in the queue. */
    async replayToTheEnd(options?: ReplayOptions) {
      for (; (await queue.left()) > 0; await sleep(100))
        if ((await queue.visible()) > 0) await this.replay(options);
    },
    /** Sends an event to the application, as SNS does during normal operation. */
    async receive(index: number) {
      const headers = { 'x-amz-sns-message-type': 'Notification' };
      const { status } = await fetch(webhook.url, { method: 'POST', body: event(index), headers });
      expect(status).toBe(200);
    },
    /** All of these events are in the application's database, once each. */
    async expectRecorded(indices: Iterable<number>) {
      const ids = [...indices].map(idOf);
      const times = await deployed.onSource(async (client) => {
        const { rows } = await client.query<{ id: string; times: number }>(
          `SELECT meta->>'sns_message_id' AS id, count(*)::int AS times FROM email_events
           WHERE meta->>'sns_message_id' = ANY ($1) GROUP BY 1`,
          [ids],
        );
        return new Map(rows.map(({ id, times }) => [id, times]));
      });
      expect(ids.filter((id) => times.get(id) !== 1)).toEqual([]);
    },
    /** Over all runs: each event was delivered once, or the `alreadyApplied` check found it in the database. */
    expectCounted(events: number) {
      const { delivered, reasons, unknown } = sum(runs.flatMap(({ account }) => account ?? []));
      expect(delivered + (reasons['application-has-it'] ?? 0)).toBe(events);
      expect(webhook.counts().known).toBeLessThanOrEqual(unknown);
    },
    async quarantined(): Promise<number> {
      const { Contents = [] } = await deployed.s3.send(
        new ListObjectsV2Command({ Bucket: deployed.vault, Prefix: `quarantine/${queueNamed(number)}/` }),
      );
      return Contents.length;
    },
  };
}

export const roleOf = (logicalId: string) => deployed.aws.stack.physicalIds.get(logicalId) ?? '';
export const range = (end: number, start = 0) =>
  Array.from({ length: end - start }, (_, index) => start + index);

export function aboutLostCampaign(envelope: string): string {
  const { Message, ...rest } = JSON.parse(envelope);
  const event = JSON.parse(Message);
  event.mail.tags.campaign_id = [LOST_CAMPAIGN];
  return JSON.stringify({ ...rest, Message: JSON.stringify(event) });
}
