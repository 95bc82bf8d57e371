import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { loadSample } from '../../../local/sample/load-sample.ts';
import { type SampleWebhook, startWebhook } from '../../../local/sample/webhook.ts';
import { webhookEvent } from '../../../local/sample/webhook-events.ts';
import { type Deployed, deploy } from './deployed.ts';
import { type Packaged, packageFor } from './packaged.ts';
import { planWithAllTargets } from './plan-with-all-targets.ts';
import { type Redis, redisServer, startRedis } from './redis.ts';

/*
 * A stack of a plan that has every kind of target, with the application and its Redis running. A test file that imports it has it deployed.
 */

let plan: Awaited<ReturnType<typeof planWithAllTargets>>;
export let stack: Deployed;
export let packaged: Packaged;
export let webhook: SampleWebhook;
export let redis: Redis | null = null;
export let sfn: SFNClient;
export let sns: SNSClient;
export let sqs: SQSClient;

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mailblast-email-events';
export const DEAD_LETTERS = 'mailblast-dlq';

beforeAll(async () => {
  plan = await planWithAllTargets();
  [stack, packaged] = await Promise.all([
    deploy({ plan: plan.file, waitScale: 0.02 }),
    packageFor(plan.file, 'alone'),
  ]);
  const { aws } = stack;
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  const account = { region: aws.region, endpoint: aws.endpoint, credentials };
  sfn = new SFNClient(account);
  sns = new SNSClient(account);
  sqs = new SQSClient(account);
  await stack.onSource((client) => loadSample(client, 'mailblast', { scale: 0.002 }));
  const { main: database = {} } = aws.databases;
  webhook = await startWebhook({ url: aws.addresses['mailblast/webhook'] ?? '', database });
  const { port } = new URL(aws.addresses['mailblast/redis'] ?? '');
  if (redisServer !== null) redis = await startRedis({}, { port: Number(port) });
});

afterAll(async () => {
  for (const client of [sfn, sns, sqs]) client?.destroy();
  await Promise.all([webhook?.stop(), redis?.stop()]);
  await Promise.all([stack?.aws.stop(), packaged?.remove(), plan?.remove()]);
});

let events = 0;
export const newEvent = () => webhookEvent(events++, { topicArn: TOPIC, at: new Date(0) });

export async function queueUrl(QueueName: string): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  return QueueUrl;
}

export async function deadLetter(MessageBody: string, queue = DEAD_LETTERS): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queue), MessageBody }));
}

/** Messages in a queue, including hidden ones. */
export async function depth(queue: string): Promise<number> {
  const asking = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(queue),
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  const { Attributes = {} } = await sqs.send(asking);
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** The input of start-replay from a person. */
export const byHand = (requestId: string, difference: object = {}) => ({
  queue: 'webhook-events',
  startedBy: 'a test',
  requestId,
  ...difference,
});
