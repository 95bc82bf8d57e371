import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadMailblast } from '../../local/sample/load-mailblast.ts';
import { type SampleWebhook, startWebhook } from '../../local/sample/webhook.ts';
import { messageIdOf, webhookEvent } from '../../local/sample/webhook-events.ts';
import type { Evidence } from '../../shared/evidence/evidence.ts';
import { type Account, sum } from '../../shared/replay/account/account.ts';
import type { ReplayOptions } from '../../shared/replay/options.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { startKiller } from './support/replay-killer.ts';
import { openQueue } from './support/replay-queue.ts';

/** Each test has a queue and a webhook of its own, so that replays run side by side. */
const QUEUES = 21;
const LIMIT_MS = 180_000;
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mailblast-email-events';
const AT = new Date('2026-11-01T00:00:00Z');
const LOST_CAMPAIGN = '9999';

let deployed: Deployed;
let sqs: SQSClient;
let dynamo: DynamoDBClient;
let folder: string;
const webhooks: SampleWebhook[] = [];
let taken = 0;

const queueNamed = (number: number) => `events-${number}`;
const deadLettersOf = (number: number) => `mailblast-dlq-${number}`;
const secretOf = (number: number) => `mailblast/webhook-${number}`;

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
  // A replay does not wait for what a dead worker held: the tests do, and start another as an operator would.
  deployed = await deploy({ plan: planFile, waitScale: 0 });
  const { endpoint, region, accountId, addresses, databases } = deployed.aws;
  const settings = { endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  sqs = new SQSClient(settings);
  dynamo = new DynamoDBClient(settings);
  await deployed.onSource((client) => loadMailblast(client, { scale: 0.01 }));
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

/** A queue with so many events that the application has not, and its webhook. */
async function open(events: number) {
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
    /** Begins a replay, and goes on once so many events took effect. @returns its evidence */
    async startReplay(effects: number, options: ReplayOptions) {
      const { executionArn, runId } = await deployed.start('replay', input(options));
      while (webhook.counts().effects < effects) await sleep(20);
      return async () => {
        await deployed.ended(executionArn);
        return keep(runId);
      };
    },
    /** Replays as an operator does: again, whenever something is there, until nothing is left. */
    async replayToTheEnd(options?: ReplayOptions) {
      for (; (await queue.left()) > 0; await sleep(100))
        if ((await queue.visible()) > 0) await this.replay(options);
    },
    /** Sends an event to the application, as SNS does while all is well. */
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
    /** Over all runs: each event was delivered once, or the probe found that it had been. */
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

const roleOf = (logicalId: string) => deployed.aws.stack.physicalIds.get(logicalId) ?? '';
const range = (end: number, start = 0) => Array.from({ length: end - start }, (_, index) => start + index);

function aboutLostCampaign(envelope: string): string {
  const { Message, ...rest } = JSON.parse(envelope);
  const event = JSON.parse(Message);
  event.mail.tags.campaign_id = [LOST_CAMPAIGN];
  return JSON.stringify({ ...rest, Message: JSON.stringify(event) });
}

describe.concurrent('a replay', () => {
  test(
    'delivers what the application has not, and accounts for every message',
    async () => {
      const it = await open(30);
      for (const known of range(5)) await it.receive(known);
      await it.queue.put([
        ...range(20, 10).map(it.event), // copies
        ...range(33, 30).map((index) => aboutLostCampaign(it.event(index))),
        '{"cut": ',
        'Dear all,\nthe webhook is "down" \\o/ 😱',
      ]);
      const { outcome, account } = await it.replay();
      expect(outcome).toBe('replayed');
      expect(account).toMatchObject({
        received: 45,
        delivered: 25,
        duplicates: 15,
        quarantined: 5,
        returned: 0,
        unknown: 0,
        reasons: { 'application-has-it': 5, 'done-before': 10, refused: 3, unparsable: 2 },
      });
      await it.expectRecorded(range(30));
      expect(it.webhook.counts()).toMatchObject({ effects: 30, known: 0 });
      expect(await it.quarantined()).toBe(5);
      expect(await it.queue.left()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'whose target is down sends nothing and hides nothing, and is done when it is up',
    async () => {
      const it = await open(20);
      await it.webhook.down();
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/the target is unhealthy: .*ECONNREFUSED/),
      });
      expect(account).toMatchObject({ received: 0 });
      expect(await it.queue.visible()).toBe(20);
      await it.webhook.up();
      expect(await it.replay()).toMatchObject({
        outcome: 'replayed',
        account: { delivered: 20, unknown: 0 },
      });
      await it.expectRecorded(range(20));
    },
    LIMIT_MS,
  );

  test(
    'whose target goes down in the middle stops, and loses nothing',
    async () => {
      const it = await open(100);
      const ended = await it.startReplay(15, { rate: 20 });
      await it.webhook.down();
      const { outcome, account } = await ended();
      expect(outcome).toBe('stopped');
      expect(account.delivered).toBeLessThan(100);
      expect(await it.queue.visible()).toBe(100 - account.delivered);
      await it.webhook.up();
      await it.replayToTheEnd();
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );

  test.each([
    ['fails', { status: 500 }],
    ['asks for a pause', { status: 429, retryAfter: '1' }],
    ['hangs after the effect', { hang: 'after the effect' as const }],
    ['closes the connection in the middle of its answer', { cut: 'after the effect' as const }],
  ])(
    'whose target %s now and then comes to its end',
    async (_, fault) => {
      const it = await open(40);
      it.webhook.inject({ fault, oneIn: 7 });
      expect(await it.replay()).toMatchObject({ outcome: 'replayed' });
      await it.replayToTheEnd(); // one may have met it five times in a row
      await it.expectRecorded(range(40));
      it.expectCounted(40);
    },
    LIMIT_MS,
  );

  test(
    'whose canary fails sends nothing else',
    async () => {
      const it = await open(20);
      it.webhook.inject({ fault: { status: 401 } });
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/the canary failed: .*401/),
      });
      expect(account).toMatchObject({ received: 1, returned: 1 });
      expect(await it.queue.visible()).toBe(20);
    },
    LIMIT_MS,
  );

  test(
    'of a queue that another replay works on is refused, and the other comes to its end',
    async () => {
      const it = await open(60);
      const ended = await it.startReplay(5, { rate: 20 });
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/another replay holds this queue/),
      });
      expect(account).toMatchObject({ received: 0 });
      const schedule = { queue: it.name, startedBy: 'schedule', requestId: 'meanwhile', ifNeeded: true };
      expect(await deployed.invoke('start-replay', schedule)).toMatchObject({ executionArn: null });
      expect(await ended()).toMatchObject({ outcome: 'replayed', account: { delivered: 60, returned: 0 } });
      await it.expectRecorded(range(60));
      // It let go of the queue.
      await it.queue.put([it.event(60)]);
      expect(await it.replay()).toMatchObject({ outcome: 'replayed', account: { delivered: 1 } });
    },
    LIMIT_MS,
  );

  test(
    'that is dry says what would happen, sends nothing and hides nothing',
    async () => {
      const it = await open(20);
      await it.queue.put([it.event(0), 'no event']);
      const { outcome, reason, account } = await it.replay({ dryRun: true });
      expect(outcome).toBe('dry-run');
      expect(reason).toMatch(
        /^22 messages in the queue and 0 hidden, 22 read: (?=.*20 deliver)(?=.*1 duplicate)(?=.*1 unparsable)/,
      );
      expect(account).toEqual(sum([]));
      expect(await it.queue.visible()).toBe(22);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'with a filter leaves the others in the queue, visible at once',
    async () => {
      const it = await open(30);
      const filter = `body.Message && contains(['${range(10).map(it.idOf).join("','")}'], sns.messageId)`;
      expect(await it.replay({ filter })).toMatchObject({
        outcome: 'replayed',
        account: { delivered: 10, duplicates: 0, quarantined: 0 },
      });
      expect(await it.queue.visible()).toBe(20);
      await it.expectRecorded(range(10));
      expect(it.webhook.counts().effects).toBe(10);
    },
    LIMIT_MS,
  );

  test(
    'with a filter that cannot be read says where, and reads nothing',
    async () => {
      const it = await open(5);
      const { outcome, failure } = await it.replay({ filter: 'body.Message ==' });
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'ExpressionInvalid',
        cause: expect.stringMatching(/column 1[56]/),
      });
      expect(await it.queue.visible()).toBe(5);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'with a filter that cannot be applied names the message, and sends nothing',
    async () => {
      const it = await open(5);
      const { outcome, failure } = await it.replay({ filter: 'length(ageSeconds) > `1`' });
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'FilterFails',
        cause: expect.stringMatching(/cannot be applied to message [0-9a-f-]{36}/),
      });
      expect(await it.queue.visible()).toBe(5);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'of so many takes so many, canary and all',
    async () => {
      const it = await open(40);
      const { outcome, reason, account } = await it.replay({ max: 23 });
      expect({ outcome, reason }).toEqual({
        outcome: 'replayed',
        reason: expect.stringMatching(/it took as many as it was asked for, 23/),
      });
      expect(account).toMatchObject({ received: 23, delivered: 23, returned: 0 });
      expect(await it.queue.visible()).toBe(17);
    },
    LIMIT_MS,
  );

  test(
    'for so long takes on no more afterwards',
    async () => {
      const it = await open(150);
      const { outcome, reason, account } = await it.replay({ rate: 10, minutes: 0.1 });
      expect({ outcome, reason }).toEqual({
        outcome: 'replayed',
        reason: expect.stringMatching(/its time was over; left in the queue, hidden ones too: about \d+/),
      });
      expect(account.delivered).toBeLessThan(150);
      expect(await it.queue.visible()).toBe(150 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(150));
      it.expectCounted(150);
    },
    LIMIT_MS,
  );

  test(
    'that cannot keep what was refused stops, and keeps it when it can',
    async () => {
      const it = await open(10);
      await it.queue.put([aboutLostCampaign(it.event(10))]);
      const lift = deployed.aws.gateway.disturb({
        match: { service: 's3', path: `/quarantine/${it.name}/` },
        fault: { status: 403, code: 'AccessDenied', message: 'not you' },
      });
      const { outcome, reason, account } = await it.replay();
      lift();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/AccessDenied/),
      });
      expect(account.quarantined).toBe(0);
      expect(await it.queue.visible()).toBe(11 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(10));
      it.expectCounted(10);
      expect(await it.quarantined()).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    'of a queue that is not there says so',
    async () => {
      const it = await open(0);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: it.deadLetters }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      const { outcome, failure } = await it.replay();
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'QueueMissing',
        cause: expect.stringMatching(/there is no queue "mailblast-dlq-\d+" in Region us-east-1/),
      });
    },
    LIMIT_MS,
  );
});

describe('of all replays', () => {
  test(
    'each stops when a failover begins',
    async () => {
      const it = await open(300);
      const key = { key: { S: 'lock#failover' } };
      const table = { TableName: deployed.aws.stack.physicalIds.get('Ledger') };
      const Item = { ...key, owner: { S: 'failover-7' }, until: { N: String(Date.now() + LIMIT_MS) } };
      const ended = await it.startReplay(10, { rate: 20 });
      await dynamo.send(new PutItemCommand({ ...table, Item }));
      const { outcome, reason, account } = await ended();
      await dynamo.send(new DeleteItemCommand({ ...table, Key: key }));
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/a failover of this workload runs \(failover-7\)/),
      });
      expect(await it.queue.visible()).toBe(300 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(300));
      it.expectCounted(300);
    },
    LIMIT_MS,
  );

  test(
    'none begins where it may not look into its queue',
    async () => {
      const it = await open(5);
      const lift = deployed.aws.gateway.disturb({
        match: { action: 'sqs:ReceiveMessage', role: roleOf('InspectQueueRole') },
        fault: { status: 403, code: 'AccessDenied', message: 'not you' },
      });
      const { outcome, failure } = await it.replay();
      lift();
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'QueueForbidden',
        cause: expect.stringMatching(/may not sqs:ReceiveMessage on queue "mailblast-dlq-\d+"/),
      });
      expect(await it.queue.visible()).toBe(5);
    },
    LIMIT_MS,
  );
});

describe.concurrent('no replay', () => {
  /** Whatever happens to the function happens to all replays: one after the other. */
  const undisturbed = Promise.withResolvers<void>();

  test(
    'goes on without its ledger and its account, and none loses or doubles by it',
    async () => {
      const it = await open(100);
      try {
        const ended = await it.startReplay(10, { rate: 20 });
        const lift = deployed.aws.gateway.disturb({
          match: { service: 'dynamodb', role: roleOf('DrainQueueRole') },
          fault: 'drop',
        });
        const { outcome, account } = await ended();
        lift();
        expect(['stopped', 'not-proven']).toContain(outcome);
        expect(await it.queue.left()).toBe(100 - account.delivered);
      } finally {
        undisturbed.resolve();
      }
      await it.replayToTheEnd();
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );

  test(
    'loses or doubles by the death of its workers',
    async () => {
      const it = await open(100);
      await undisturbed.promise;
      const { runFolder, stack } = deployed.aws;
      const killer = startKiller(
        { folder: runFolder, functionName: `${stack.name}-drain-queue` },
        () => it.webhook.counts().effects,
        [10, 30],
      );
      await it.replayToTheEnd({ rate: 40 });
      expect(await killer.stop()).toBe(2);
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );
});
