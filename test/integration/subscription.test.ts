import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock/clock.ts';
import { announceSubscription, SubscriptionUnconfirmed } from '../../shared/subscription/announce.ts';
import { confirmSubscription } from '../../shared/subscription/confirm-subscription.ts';
import { ensureSubscription } from '../../shared/subscription/ensure-subscription.ts';
import { fieldCase } from '../cases/field-case.ts';
import { type Signing, startSigning } from '../unit/subscription/signing.ts';
import { openAccount, type TestAccount } from './support/account.ts';

let aws: TestAccount;
let settings: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};
let sns: SNSClient;
let signing: Signing;
let webhook: Webhook;
let topicArn: string;
let made = 0;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  settings = { endpoint: aws.endpoint, region: aws.region, credentials };
  sns = new SNSClient(settings);
  signing = await startSigning();
});

afterAll(async () => {
  sns?.destroy();
  await signing?.stop();
  await aws?.stop();
});

beforeEach(async () => {
  made += 1;
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `events-${made}` }));
  topicArn = TopicArn;
  webhook = await startWebhook();
});

afterEach(() => webhook.stop());

interface Webhook {
  readonly url: URL;
  /** Visits the SubscribeURL of what it is sent, as a receiver should. */
  confirms: boolean;
  /** The next SubscriptionConfirmation that arrives, or has arrived. */
  asked(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

async function startWebhook(): Promise<Webhook> {
  const arrived = Promise.withResolvers<Record<string, string>>();
  const server = http.createServer(async (request, response) => {
    const message = JSON.parse(await text(request)) as Record<string, string>;
    if (webhook.confirms) await fetch(message.SubscribeURL ?? '');
    response.end();
    arrived.resolve(message);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const webhook: Webhook = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sns?token=s3cret`),
    confirms: true,
    asked: () => arrived.promise,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return webhook;
}

const deadLetters = () => `arn:aws:sqs:${aws.region}:${aws.accountId}:events-dlq`;
const ensure = (patience: number, client = sns, topic = topicArn) =>
  ensureSubscription(
    { sns: client, clock: systemClock },
    { topicArn: topic, endpoint: webhook.url, patience, deadLetters: deadLetters(), envelopes: true },
    new AbortController().signal,
  );

/** Longer than a webhook on this machine takes to confirm. */
const LONG_MS = 30_000;

async function subscriptions() {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  return Subscriptions;
}

describe('a lost subscription', () => {
  fieldCase('B6', async (now) => {
    const sqs = new SQSClient(settings);
    const told = `arn:aws:sqs:${aws.region}:${aws.accountId}:told-${made}`;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: told,
        },
      ],
    });
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: `told-${made}`, Attributes: { Policy } }),
    );
    const { TopicArn: alerts = '' } = await sns.send(new CreateTopicCommand({ Name: `alerts-${made}` }));
    await sns.send(
      new SubscribeCommand({
        TopicArn: alerts,
        Protocol: 'sqs',
        Endpoint: told,
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    const about = { topicArn: alerts, workload: 'mailblast', queue: 'webhook-events' };
    const first = await ensure(LONG_MS);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: first.subscriptionArn ?? '' }));

    await announceSubscription(sns, about, await ensure(LONG_MS));
    await announceSubscription(sns, about, await ensure(LONG_MS)); // the next look finds nothing to tell
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    now(`repaired, and announced ${Messages.length} time: ${Messages[0]?.Body}`);
    expect(Messages.map(({ Body }) => Body)).toEqual([
      expect.stringMatching(
        /^the subscription of .* was missing: subscribed again, and confirmed.*ask the sender for it$/,
      ),
    ]);
    sqs.destroy();

    webhook.confirms = false;
    const { SubscriptionArn = '' } = (await subscriptions())[0] ?? {};
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await expect(announceSubscription(sns, about, await ensure(0))).rejects.toThrow(SubscriptionUnconfirmed);
  });

  test('is made again, and the webhook confirms it', async () => {
    const report = await ensure(LONG_MS);
    expect(report).toMatchObject({ found: 'missing', done: 'subscribed', now: 'confirmed', differences: [] });
    expect(report.attributes?.deadLetters).toBe(deadLetters());
    expect(JSON.stringify(report)).not.toContain('s3cret');

    await sns.send(new UnsubscribeCommand({ SubscriptionArn: report.subscriptionArn ?? '' }));
    const again = await ensure(LONG_MS);
    expect(again).toMatchObject({ found: 'missing', done: 'subscribed', now: 'confirmed' });
    expect(again.subscriptionArn).not.toBe(report.subscriptionArn);
    expect(await subscriptions()).toHaveLength(1);
  });

  test('is one of many, and the others are left alone', async () => {
    for (let n = 0; n < 3; n++)
      await sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: `arn:aws:sqs:${aws.region}:${aws.accountId}:queue-${n}`,
        }),
      );
    await ensure(LONG_MS);
    expect(await subscriptions()).toHaveLength(4);
  });
});

describe('a confirmed subscription', () => {
  test('is left as it is, and compared with the plan', async () => {
    const { subscriptionArn } = await ensure(LONG_MS);
    const set = (AttributeName: string, AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn: subscriptionArn ?? '',
          AttributeName,
          AttributeValue,
        }),
      );
    await set('RawMessageDelivery', 'true');
    await set('FilterPolicy', '{"kind":["order"]}');
    await set('RedrivePolicy', '');
    const report = await ensure(0);
    expect(report).toMatchObject({
      found: 'confirmed',
      done: 'nothing',
      subscriptionArn,
      attributes: { rawMessageDelivery: true, filterPolicy: '{"kind":["order"]}', deadLetters: null },
    });
    expect(report.differences).toHaveLength(2);
    expect(await subscriptions()).toHaveLength(1);
  });
});

describe('a pending subscription', () => {
  test('is asked again, stays one, and is reported as what it is', async () => {
    webhook.confirms = false;
    expect(await ensure(0)).toMatchObject({ found: 'missing', done: 'subscribed', now: 'pending' });
    expect(await ensure(0)).toMatchObject({ found: 'pending', done: 'asked-again', now: 'pending' });
    expect(await subscriptions()).toHaveLength(1);
  });

  test('is confirmed by the message that its webhook was sent, where SNS signed it', async () => {
    webhook.confirms = false;
    await ensure(0);
    // The local SNS signs nothing: the test signs in its place.
    const { SignatureVersion, Signature, ...message } = await webhook.asked();
    const signed = signing.sign({ ...message, SigningCertURL: signing.certificateUrl }, '2');
    const confirm = (difference: Record<string, string> = {}) =>
      confirmSubscription(
        sns,
        JSON.stringify({ ...signed, ...difference }),
        new Set([topicArn]),
        () => signing.host,
      );

    await expect(confirm({ Token: 'another' })).rejects.toMatchObject({ name: 'ConfirmationUntrusted' });
    await expect(
      confirm({ SignatureVersion: SignatureVersion ?? '', Signature: Signature ?? '' }),
    ).rejects.toMatchObject({
      name: 'ConfirmationUntrusted',
    });
    expect(await ensure(0)).toMatchObject({ now: 'pending' });

    const subscriptionArn = await confirm();
    expect(await ensure(0)).toMatchObject({ found: 'confirmed', done: 'nothing', subscriptionArn });
    const { Attributes } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }),
    );
    expect(Attributes).toMatchObject({ PendingConfirmation: 'false', Endpoint: webhook.url.href });

    await expect(confirm()).rejects.toMatchObject({ name: 'ConfirmationExpired' });
  });

  test('is not confirmed by what the local SNS sends, for that is not signed by SNS', async () => {
    webhook.confirms = false;
    await ensure(0);
    const message = JSON.stringify(await webhook.asked());
    const confirming = confirmSubscription(sns, message, new Set([topicArn]), () => signing.host);
    await expect(confirming).rejects.toMatchObject({ name: 'ConfirmationUntrusted' });
    expect(await ensure(0)).toMatchObject({ now: 'pending' });
  });
});

describe('what cannot be looked after', () => {
  test('is a topic that is not there', async () => {
    await expect(ensure(0, sns, `${topicArn}-other`)).rejects.toMatchObject({
      name: 'TopicMissing',
      message: expect.stringContaining(`${topicArn}-other`),
    });
  });

  test('is a topic that the caller may not look at', async () => {
    const iam = new IAMClient(settings);
    await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
    iam.destroy();
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
    const nobody = new SNSClient({ ...settings, credentials });
    await expect(ensure(0, nobody)).rejects.toMatchObject({
      name: 'TopicForbidden',
      message: expect.stringContaining('sns:ListSubscriptionsByTopic'),
    });
    nobody.destroy();
  });
});
