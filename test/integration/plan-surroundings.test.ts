import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetTopicAttributesCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Clients, clientsFor } from '../../local/account.ts';
import { workFolder } from '../../local/folders.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import { type SampleWebhook, startWebhook } from '../../local/sample/webhook.ts';
import { messageIdOf, webhookEvent } from '../../local/sample/webhook-events.ts';
import { loadPlan } from '../../shared/plan/load.ts';
import { rehydrationOf } from '../../shared/plan/lookup.ts';
import { openAccount, type TestAccount } from './support/account.ts';

/** Of what MailBlast's plan has no example. */
const MORE_QUEUES = `
replays:
  orders:
    deadLetters: orders-dlq.fifo
    target: { queue: orders.fifo }
    scenario: webhook-failure
  mails:
    deadLetters: mails-dlq
    target: { topic: mails }
    scenario: webhook-failure
  trusted:
    deadLetters: trusted-dlq
    target: { webhook: { secret: trusted/webhook, certificateAuthority: trusted/authority } }
    scenario: webhook-failure`;
const MORE_REHYDRATIONS = `
rehydrations:
  jobs: { database: main, sql: SELECT id AS key FROM jobs, into: { queue: jobs } }`;

let folder: string;
let aws: TestAccount;
let clients: Clients;

beforeAll(async () => {
  folder = await mkdtemp(path.join(workFolder, 'plan-'));
  const plan = path.join(folder, 'plan.yml');
  const text = await readFile('plans/mailblast.yml', 'utf8');
  const [queues, rehydrations] = [/^replays:$/m, /^rehydrations:$/m];
  await writeFile(
    plan,
    text.replace(queues, MORE_QUEUES.trim()).replace(rehydrations, MORE_REHYDRATIONS.trim()),
  );
  aws = await openAccount({ plan });
  clients = clientsFor(aws);
  await asOwner((client) => loadSample(client, 'mailblast', { scale: 0.002 }));
});

afterAll(async () => {
  clients?.destroy();
  await aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(aws.databases.main);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const urlOf = async (QueueName: string) =>
  (await clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;

async function attributesOf(queue: string): Promise<Partial<Record<QueueAttributeName, string>>> {
  const AttributeNames: QueueAttributeName[] = ['All'];
  const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(queue), AttributeNames });
  return (await clients.sqs.send(command)).Attributes ?? {};
}

const topicArn = (name: string) => `arn:aws:sns:${aws.region}:${aws.accountId}:${name}`;

const secretOf = async (SecretId: string) =>
  (await clients.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';

describe('the queues and topics of the plan', () => {
  test.each(['mailblast-dlq', 'orders-dlq.fifo', 'orders.fifo', 'mails-dlq', 'trusted-dlq', 'jobs'])(
    'include %s, which keeps messages for fourteen days and is FIFO by its name',
    async (queue) => {
      const { MessageRetentionPeriod, FifoQueue = 'false' } = await attributesOf(queue);
      expect([MessageRetentionPeriod, FifoQueue]).toEqual(['1209600', String(queue.endsWith('.fifo'))]);
    },
  );

  test.each(['mailblast-email-events', 'mails'])('include the topic %s', async (topic) => {
    const { Attributes } = await clients.sns.send(
      new GetTopicAttributesCommand({ TopicArn: topicArn(topic) }),
    );
    expect(Attributes?.TopicArn).toBe(topicArn(topic));
  });

  test('take from their own topic what could not be delivered, and from no other', async () => {
    const { QueueArn = '' } = await attributesOf('mailblast-dlq');
    for (const topic of ['mails', 'mailblast-email-events']) {
      await clients.sns.send(
        new SubscribeCommand({ TopicArn: topicArn(topic), Protocol: 'sqs', Endpoint: QueueArn }),
      );
      await clients.sns.send(new PublishCommand({ TopicArn: topicArn(topic), Message: topic }));
    }
    const QueueUrl = await urlOf('mailblast-dlq');
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
    );
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body).Message)).toEqual(['mailblast-email-events']);
  });
});

describe('the addresses in the secrets of the plan', () => {
  test('are of this machine, one for each secret, and nobody listens there', async () => {
    expect(Object.keys(aws.addresses).sort()).toEqual([
      'mailblast/redis',
      'mailblast/webhook',
      'trusted/webhook',
    ]);
    for (const [secret, address] of Object.entries(aws.addresses)) {
      expect(JSON.parse(await secretOf(secret))).toEqual({ url: address });
      await expect(connectTo(new URL(address))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('come with the authority that the plan names for one', async () => {
    expect(await secretOf('trusted/authority')).toBe(aws.source.ca);
  });
});

function connectTo({ hostname, port }: URL): Promise<void> {
  const socket = net.connect(Number(port), hostname);
  return new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  }).finally(() => socket.destroy());
}

describe('the rehydrations of the plan', () => {
  test.each(['pending-campaigns', 'failed-jobs'])(
    '%s finds rows of the sample, each with a key of its own and a body that is JSON',
    async (name) => {
      const { sql } = rehydrationOf(await loadPlan('plans/mailblast.yml'), name);
      const { rows } = await asOwner(async (client) => {
        await client.query('UPDATE failed_jobs SET created_at = now()');
        return client.query<{ key: string; body: string }>(sql);
      });
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
      for (const { body } of rows) expect(JSON.parse(body)).toHaveProperty('campaign_id');
    },
  );
});

describe('the webhook of the sample', () => {
  let webhook: SampleWebhook;
  const at = new Date('2026-11-22T04:00:00.000Z');
  const event = (number: number) => webhookEvent(number, { topicArn: 'arn:aws:sns:us-east-1:1:events', at });
  const post = (body: string, options: RequestInit = {}) =>
    fetch(webhook.url, { method: 'POST', body, ...options });
  const recorded = (number: number) =>
    asOwner(async (client) => {
      const { rows } = await client.query(
        "SELECT type, campaign_id FROM email_events WHERE meta->>'sns_message_id' = $1",
        [messageIdOf(number)],
      );
      return rows;
    });
  const start = async (idempotent: boolean) => {
    const url = aws.addresses['mailblast/webhook'] ?? '';
    webhook = await startWebhook({ url, database: { ...aws.databases.main }, idempotent });
  };

  describe('of an application that records an event once', () => {
    beforeEach(() => start(true));
    afterEach(() => webhook.stop());

    test('writes an event into the table of the application, once', async () => {
      for (let times = 0; times < 2; times += 1) expect((await post(event(1))).status).toBe(200);
      expect(await recorded(1)).toEqual([{ type: 'delivered', campaign_id: 2 }]);
      expect(webhook.counts()).toEqual({ requests: 2, answers: { 200: 2 }, effects: 1, known: 1 });
    });

    test.each([
      ['no JSON', 'no JSON'],
      ['no envelope', '{"a": 1}'],
      ['an event of a campaign that there is not', event(2).replace('[\\"3\\"]', '[\\"999999\\"]')],
      ['an event of no kind', event(2).replaceAll('Open', 'Opened')],
    ])('refuses %s for good', async (_, body) => {
      expect(body).not.toBe(event(2));
      expect((await post(body)).status).toBe(422);
      expect(await recorded(2)).toEqual([]);
    });

    test('is at its path alone', async () => {
      expect((await fetch(new URL('/other', webhook.url), { method: 'POST', body: event(3) })).status).toBe(
        404,
      );
      expect(webhook.counts()).toMatchObject({ requests: 0, effects: 0 });
    });

    test('says whether it is well', async () => {
      expect((await fetch(webhook.healthUrl)).status).toBe(200);
      webhook.well(false);
      expect((await fetch(webhook.healthUrl)).status).toBe(503);
    });

    test('refuses connections while it is down, and comes back at the same address', async () => {
      await webhook.down();
      await expect(connectTo(new URL(webhook.url))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await webhook.up();
      expect((await post(event(4))).status).toBe(200);
    });

    test('fails one request in so many, asking for a pause, without an effect', async () => {
      webhook.inject({ fault: { status: 429, retryAfter: '2' }, oneIn: 3 });
      const answers = [];
      for (const number of [11, 12, 13, 14, 15, 16]) {
        const { status, headers } = await post(event(number));
        answers.push([status, headers.get('retry-after')]);
      }
      expect(answers.map(([status]) => status)).toEqual([200, 200, 429, 200, 200, 429]);
      expect(answers[2]).toEqual([429, '2']);
      expect(await recorded(13)).toEqual([]);
      webhook.inject(undefined);
      expect((await post(event(13))).status).toBe(200);
    });

    test.each([
      ['hangs before the effect', { hang: 'before the effect' }, 21, 0],
      ['hangs after the effect', { hang: 'after the effect' }, 22, 1],
      ['closes in mid-answer before the effect', { cut: 'before the effect' }, 23, 0],
      ['closes in mid-answer after the effect', { cut: 'after the effect' }, 24, 1],
    ] as const)('%s', async (_, fault, number, effects) => {
      webhook.inject({ fault });
      const answer = post(event(number)).then((response) => response.text());
      answer.catch(() => {}); // looked at below
      // A hanging request would never end: its connection is closed once the effect is there.
      if ('hang' in fault) {
        while ((await recorded(number)).length < effects || webhook.counts().requests === 0);
        await webhook.down();
      }
      await expect(answer).rejects.toThrow();
      expect(await recorded(number)).toHaveLength(effects);
      expect(webhook.counts()).toMatchObject({ requests: 1, answers: {}, effects });
    });

    test('takes longer where it is told to', async () => {
      webhook.delay(60_000);
      const slow = post(event(31));
      slow.catch(() => {}); // looked at below
      while (webhook.counts().requests === 0) await recorded(31);
      expect(await recorded(31)).toEqual([]);
      await webhook.down();
      await expect(slow).rejects.toThrow();
    });

    test('agrees to the subscription that SNS asks it about', async () => {
      const TopicArn = topicArn('mailblast-email-events');
      await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: webhook.url }));
      while (webhook.counts().answers[200] === undefined) await recorded(0);
      const MessageBody = JSON.parse(event(41)).Message;
      await clients.sns.send(new PublishCommand({ TopicArn, Message: MessageBody }));
      while (webhook.counts().effects === 0) await recorded(0);
      expect(webhook.counts()).toMatchObject({ effects: 1, known: 0 });
    });
  });

  test('of an application that records whatever it is sent writes an event twice', async () => {
    await start(false);
    try {
      for (let times = 0; times < 2; times += 1) expect((await post(event(51))).status).toBe(200);
      expect(await recorded(51)).toHaveLength(2);
      expect(webhook.counts()).toMatchObject({ requests: 2, effects: 2, known: 0 });
    } finally {
      await webhook.stop();
    }
  });
});
