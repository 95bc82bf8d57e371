import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { ensureSubscription } from '../../../shared/subscription/ensure-subscription.ts';
import { type SteppedClock, steppedClock } from '../replay/stepped-clock.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:events';
const ARN = `${TOPIC}:c9135db0-26c4-47ec-8998-413945fb5a96`;
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:events-dlq';
const WEBHOOK = 'https://hook.example.com/sns?token=s3cret';
const PATIENCE_MS = 10_000;

const sns = mockClient(SNSClient);
let clock: SteppedClock;

beforeEach(() => {
  sns.reset();
  sns.on(SubscribeCommand).resolves({ SubscriptionArn: ARN });
  clock = steppedClock();
});

/** As AWS lists it: an ARN only where it was confirmed. */
const listed = (SubscriptionArn: string, Endpoint = WEBHOOK, Protocol = 'https') => ({
  SubscriptionArn,
  Endpoint,
  Protocol,
  TopicArn: TOPIC,
});
const listing = (...Subscriptions: ReturnType<typeof listed>[]) =>
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions });
const withAttributes = (Attributes: Record<string, string> = {}) =>
  sns.on(GetSubscriptionAttributesCommand).resolves({
    Attributes: {
      PendingConfirmation: 'false',
      RawMessageDelivery: 'false',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_LETTERS }),
      ...Attributes,
    },
  });
const named = (name: string, message = 'the reason') => Object.assign(new Error(message), { name });

const ensure = (request: { deadLetters?: string | null; envelopes?: boolean; endpoint?: string } = {}) =>
  ensureSubscription(
    { sns: new SNSClient({ region: 'us-east-1' }), clock },
    {
      topicArn: TOPIC,
      patience: PATIENCE_MS,
      deadLetters: DEAD_LETTERS,
      envelopes: true,
      ...request,
      endpoint: new URL(request.endpoint ?? WEBHOOK),
    },
    new AbortController().signal,
  );
const subscribed = () => sns.commandCalls(SubscribeCommand).map(({ args: [{ input }] }) => input);

describe('a subscription', () => {
  test('that is confirmed is left alone', async () => {
    listing(listed(ARN));
    withAttributes({ FilterPolicy: '{"kind":["order"]}' });
    expect(await ensure()).toEqual({
      endpoint: 'hook.example.com',
      found: 'confirmed',
      done: 'nothing',
      now: 'confirmed',
      subscriptionArn: ARN,
      attributes: {
        rawMessageDelivery: false,
        filterPolicy: '{"kind":["order"]}',
        deadLetters: DEAD_LETTERS,
      },
      differences: [],
      words: 'the subscription of hook.example.com is confirmed',
    });
    expect(subscribed()).toEqual([]);
    expect(clock.slept).toEqual([]);
  });

  test('is looked for on every page', async () => {
    const others = Array.from({ length: 100 }, (_, n) =>
      listed(`${ARN}-${n}`, `https://other.example.com/${n}`),
    );
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolves({ Subscriptions: others, NextToken: '2' })
      .on(ListSubscriptionsByTopicCommand, { NextToken: '2' })
      .resolves({ Subscriptions: others, NextToken: '3' })
      .on(ListSubscriptionsByTopicCommand, { NextToken: '3' })
      .resolves({ Subscriptions: [listed(ARN)] });
    withAttributes();
    expect(await ensure()).toMatchObject({ found: 'confirmed', subscriptionArn: ARN });
    expect(subscribed()).toEqual([]);
  });

  test.each([
    'https://hook.example.com:443/sns?token=s3cret',
    'HTTPS://HOOK.example.com/sns?token=s3cret',
    'https://hook.example.com/a/../sns?token=s3cret',
  ])('is the same where its address is written otherwise: %s', async (endpoint) => {
    listing(listed(ARN, endpoint));
    withAttributes();
    expect(await ensure()).toMatchObject({ found: 'confirmed' });
  });

  test.each([
    ['another path', listed(ARN, 'https://hook.example.com/other')],
    ['another query', listed(ARN, 'https://hook.example.com/sns?token=old')],
    ['another host', listed(ARN, 'https://hook.example.com.evil.example/sns?token=s3cret')],
    ['another protocol', listed(ARN, WEBHOOK, 'http')],
    ['no address of the web', listed(ARN, 'arn:aws:sqs:us-east-1:1:q', 'sqs')],
    ['one that was deleted, and is still listed', listed('Deleted')],
  ])('is not mistaken for one with %s', async (_, other) => {
    listing(other);
    withAttributes();
    expect(await ensure()).toMatchObject({ found: 'missing', done: 'subscribed' });
  });

  test('that is missing is subscribed, with the dead-letter queue of the plan', async () => {
    listing();
    const report = await ensure();
    expect(subscribed()).toEqual([
      {
        TopicArn: TOPIC,
        Protocol: 'https',
        Endpoint: WEBHOOK,
        ReturnSubscriptionArn: true,
        Attributes: { RedrivePolicy: `{"deadLetterTargetArn":"${DEAD_LETTERS}"}` },
      },
    ]);
    expect(report).toMatchObject({ found: 'missing', done: 'subscribed', now: 'pending', attributes: null });
    expect(report.words).toMatch(/was missing: subscribed again, and not confirmed yet/);
    expect(report.words).toMatch(/raw delivery, a filter policy or another dead-letter queue is not known/);
    expect(report.words).toMatch(/events-dlq as its dead-letter queue/);
  });

  test('that is missing, of a topic that can have no such queue, is subscribed without one', async () => {
    listing();
    const report = await ensure({ deadLetters: null });
    expect(subscribed()[0]).not.toHaveProperty('Attributes');
    expect(report.words).toMatch(/no dead-letter queue/);
  });

  test('of an address on this machine is by HTTP', async () => {
    listing();
    await ensure({ endpoint: 'http://127.0.0.1:8080/sns' });
    expect(subscribed()[0]).toMatchObject({ Protocol: 'http', Endpoint: 'http://127.0.0.1:8080/sns' });
  });

  test('that the webhook confirms at once is reported as confirmed', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolvesOnce({ Subscriptions: [] })
      .resolvesOnce({ Subscriptions: [listed('PendingConfirmation')] })
      .resolves({ Subscriptions: [listed(ARN)] });
    withAttributes();
    expect(await ensure()).toMatchObject({
      found: 'missing',
      done: 'subscribed',
      now: 'confirmed',
      subscriptionArn: ARN,
      words: expect.stringContaining('subscribed again, and confirmed'),
    });
    expect(clock.slept).toEqual([1_000]);
  });

  test('that is pending, and is confirmed while one waits, is not asked for again', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolvesOnce({ Subscriptions: [listed('PendingConfirmation')] })
      .resolvesOnce({ Subscriptions: [listed('PendingConfirmation')] })
      .resolves({ Subscriptions: [listed(ARN)] });
    withAttributes();
    expect(await ensure()).toMatchObject({ found: 'pending', done: 'nothing', now: 'confirmed' });
    expect(subscribed()).toEqual([]);
  });

  test('that stays pending is asked again, without what might differ from the first time', async () => {
    listing(listed('PendingConfirmation'));
    const report = await ensure();
    expect(subscribed()).toEqual([
      { TopicArn: TOPIC, Protocol: 'https', Endpoint: WEBHOOK, ReturnSubscriptionArn: true },
    ]);
    expect(report).toMatchObject({ found: 'pending', done: 'asked-again', now: 'pending', differences: [] });
    expect(report.words).toMatch(/SubscribeURL/);
    const waited = clock.slept.reduce((total, ms) => total + ms, 0);
    expect(waited).toBe(2 * PATIENCE_MS);
  });

  test('that is confirmed and pending, written in two ways, is confirmed', async () => {
    listing(listed('PendingConfirmation'), listed(ARN, 'https://HOOK.example.com/sns?token=s3cret'));
    withAttributes();
    expect(await ensure()).toMatchObject({ found: 'confirmed', done: 'nothing' });
  });

  test('that vanishes between listing and looking is missing', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolvesOnce({ Subscriptions: [listed(ARN)] })
      .resolves({ Subscriptions: [] });
    sns.on(GetSubscriptionAttributesCommand).rejects(named('NotFoundException'));
    expect(await ensure()).toMatchObject({ found: 'missing', done: 'subscribed' });
  });

  test('whose attributes may not be read is confirmed, and that is said', async () => {
    listing(listed(ARN));
    sns.on(GetSubscriptionAttributesCommand).rejects(named('AuthorizationErrorException'));
    const report = await ensure();
    expect(report).toMatchObject({ found: 'confirmed', attributes: null });
    expect(report.differences).toEqual([expect.stringContaining('sns:GetSubscriptionAttributes')]);
  });
});

describe('the report', () => {
  test.each([
    ['raw delivery', { RawMessageDelivery: 'true' }, /raw messages/],
    ['no dead-letter queue', { RedrivePolicy: '' }, /no dead-letter queue.*lost/],
    [
      'another dead-letter queue',
      { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:other-dlq"}' },
      /go to other-dlq, and the plan replays events-dlq/,
    ],
  ])('says where the subscription is not as the plan needs it: %s', async (_, attributes, says) => {
    listing(listed(ARN));
    withAttributes(attributes);
    const { differences, words } = await ensure();
    expect(differences).toEqual([expect.stringMatching(says)]);
    expect(words).toMatch(says);
  });

  test('allows raw delivery where the plan takes any body', async () => {
    listing(listed(ARN));
    withAttributes({ RawMessageDelivery: 'true' });
    expect(await ensure({ envelopes: false })).toMatchObject({ differences: [] });
  });

  test('stays small whatever the filter policy', async () => {
    listing(listed(ARN));
    withAttributes({ FilterPolicy: 'x'.repeat(200_000) });
    expect((await ensure()).attributes?.filterPolicy).toBe('200000 characters');
  });

  test('never holds the address, which may be secret', async () => {
    listing();
    expect(JSON.stringify(await ensure())).not.toContain('s3cret');
    sns
      .on(SubscribeCommand)
      .rejects(named('InvalidParameterException', `Endpoint ${WEBHOOK} is not reachable`));
    const error = await ensure().catch((error: Error) => error);
    expect(error).toMatchObject({
      name: 'SubscriptionRefused',
      message: expect.stringContaining('Endpoint hook.example.com is not reachable'),
    });
    expect(error).not.toHaveProperty('cause');
  });
});

describe('what SNS refuses', () => {
  test.each([
    ['NotFoundException', 'TopicMissing', /there is no topic arn.*events/],
    ['AuthorizationErrorException', 'TopicForbidden', /sns:ListSubscriptionsByTopic/],
    ['AccessDeniedException', 'TopicForbidden', /sns:ListSubscriptionsByTopic/],
    ['InternalErrorException', 'InternalErrorException', /the reason/],
  ])('is told by name: %s', async (name, expected, says) => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(named(name));
    await expect(ensure()).rejects.toMatchObject({ name: expected, message: expect.stringMatching(says) });
  });

  test('when it is subscribed names that action', async () => {
    listing();
    sns.on(SubscribeCommand).rejects(named('AuthorizationErrorException'));
    await expect(ensure()).rejects.toMatchObject({
      name: 'TopicForbidden',
      message: expect.stringContaining('sns:Subscribe'),
    });
  });

  test('when attributes are asked for, and is no refusal, is not taken for confirmed', async () => {
    listing(listed(ARN));
    sns.on(GetSubscriptionAttributesCommand).rejects(named('ThrottledException'));
    await expect(ensure()).rejects.toMatchObject({ name: 'ThrottledException' });
  });
});
