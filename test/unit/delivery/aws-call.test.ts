import { getEventListeners } from 'node:events';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { lambdaClient } from '../../../shared/aws/clients/lambda.ts';
import { snsClient } from '../../../shared/aws/clients/sns.ts';
import { sqsClient } from '../../../shared/aws/clients/sqs.ts';
import { type AwsCall, deliverByCall } from '../../../shared/delivery/aws-call.ts';
import { accepted } from '../../../shared/delivery/delivery-outcome.ts';
import { sendOnce } from '../../../shared/delivery/send-once.ts';
import { functionTarget } from '../../../shared/replay/targets/function.ts';
import { queueTarget } from '../../../shared/replay/targets/queue.ts';
import { topicTarget } from '../../../shared/replay/targets/topic.ts';
import { deadLetter } from '../replay/dead-letter.ts';

const clock = { now: () => new Date('2026-03-01T12:00:00Z') };
const never = new AbortController().signal;
const about: AwsCall = {
  action: 'sqs:SendMessage',
  on: 'queue "orders"',
  limit: 60_000,
  refusals: new Set(['InvalidMessageContents']),
};

/** An error as the SDK throws it: with a status where the service answered, with a code where the network failed. */
const error = (name: string, { status, ...more }: { status?: number; [field: string]: unknown } = {}) =>
  Object.assign(new Error(`${name} was said`), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
    ...more,
  });

const thrown = (what: unknown) => deliverByCall(about, { signal: never, clock }, () => Promise.reject(what));

describe('a call of a service', () => {
  test('that is answered is what its answer says', async () => {
    const { signal } = new AbortController();
    expect(await deliverByCall(about, { signal, clock }, async () => accepted)).toBe(accepted);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('is refused for what speaks of the message', async () => {
    expect(await thrown(error('InvalidMessageContents', { status: 400 }))).toEqual({
      outcome: 'refused',
      reason: 'sqs:SendMessage on queue "orders": InvalidMessageContents: InvalidMessageContents was said',
    });
    expect(await thrown(error('UnknownError', { status: 413 }))).toMatchObject({ outcome: 'refused' });
  });

  test.each([
    error('ThrottlingException', { status: 400 }),
    error('RequestThrottled', { status: 403 }),
    error('KmsThrottled', { status: 400 }),
    error('OverLimit', { status: 400 }),
    error('TooManyRequestsException', { status: 429 }),
    error('InternalError', { status: 500 }),
    error('ServiceUnavailable', { status: 503 }),
    error('EC2ThrottledException', { status: 502 }),
  ])('has failed and asks to go slower: $name', async (what) => {
    expect(await thrown(what)).toMatchObject({ outcome: 'failed', slowDown: true, retryAfter: null });
  });

  test('has failed and asks to wait', async () => {
    const what = error('TooManyRequestsException', { status: 429, retryAfterSeconds: '7' });
    expect(await thrown(what)).toMatchObject({ outcome: 'failed', slowDown: true, retryAfter: 7_000 });
  });

  test.each([
    error('AccessDenied', { status: 403 }),
    error('QueueDoesNotExist', { status: 400 }),
    error('KmsDisabled', { status: 400 }),
    error('ExpiredToken', { status: 403 }),
  ])('has failed, and says what and where: $name', async (what) => {
    expect(await thrown(what)).toEqual({
      outcome: 'failed',
      reason: `sqs:SendMessage on queue "orders": ${what.name}: ${what.name} was said`,
      slowDown: false,
      retryAfter: null,
    });
  });

  test.each([
    ...[
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'CERT_HAS_EXPIRED',
      'SELF_SIGNED_CERT_IN_CHAIN',
    ].map((code) => error('Error', { code })),
    error('CredentialsProviderError'),
    Object.assign(error('TimeoutError'), {
      message:
        'the request socket did not establish a connection with the server within the configured timeout of 5000 ms.',
    }),
  ])('was not sent: $name $code', async (what) => {
    expect(await thrown(what)).toMatchObject({ outcome: 'failed', slowDown: true });
  });

  test.each([
    error('Error', { code: 'ECONNRESET' }),
    error('Error', { code: 'EPIPE' }),
    error('TimeoutError', { code: 'ETIMEDOUT' }),
    error('GatewayTimeout', { status: 504 }),
    error('SyntaxError', { status: 200 }),
    error('InvalidChecksumError'),
    'no error at all',
  ])('may have had its effect: %o', async (what) => {
    expect(await thrown(what)).toMatchObject({ outcome: 'unknown' });
  });

  /** Waits for its end, as the SDK does. */
  const waiting = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(error('AbortError')), { once: true }),
    );

  test('is given up after its time, and may have had its effect', async () => {
    expect(await deliverByCall({ ...about, limit: 20 }, { signal: never, clock }, waiting)).toEqual({
      outcome: 'unknown',
      reason: 'queue "orders" was sent it and did not answer: no answer to sqs:SendMessage within 20ms',
      slowDown: true,
      retryAfter: null,
    });
  });

  test('is given up when the replay ends, and may have had its effect', async () => {
    const ending = new AbortController();
    const delivering = deliverByCall(about, { signal: ending.signal, clock }, waiting);
    ending.abort();
    expect(await delivering).toMatchObject({ outcome: 'unknown' });
    expect(getEventListeners(ending.signal, 'abort')).toHaveLength(0);
  });

  test('is not begun once the replay has ended', async () => {
    const call = () => Promise.reject(new Error('begun'));
    expect(await deliverByCall(about, { signal: AbortSignal.abort(), clock }, call)).toEqual({
      outcome: 'failed',
      reason: 'queue "orders" was sent nothing: it was not begun',
      slowDown: false,
      retryAfter: null,
    });
  });
});

describe('the service of each target', () => {
  const settings = sendOnce({ region: 'us-east-1' }, 1);
  const sqs = mockClient(SQSClient);
  const sns = mockClient(SNSClient);
  const lambda = mockClient(LambdaClient);
  const queue = () => queueTarget(sqsClient(settings), 'orders', clock);
  const topic = () => topicTarget(snsClient(settings), 'arn:aws:sns:us-east-1:123456789012:orders', clock);
  const fn = () =>
    functionTarget(
      lambdaClient(settings),
      {
        name: 'orders',
        timeout: 60_000,
        rules: { kind: 'function', place: 'replays.tested.as', as: 'sqs-event' },
        queueArn: 'arn:aws:sqs:us-east-1:123456789012:dead',
      },
      clock,
    );

  beforeEach(() => {
    for (const service of [sqs, sns, lambda]) service.reset();
    sqs
      .on(GetQueueUrlCommand)
      .resolves({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/orders' });
    sns.on(GetTopicAttributesCommand).resolves({});
    lambda.on(InvokeCommand, { InvocationType: 'DryRun' }).resolves({ StatusCode: 204 });
  });

  test.each(['InvalidMessageContents', 'InvalidParameterValue', 'MissingParameter', 'EmptyValue'])(
    'refuses a message: SQS with %s',
    async (name) => {
      sqs.on(SendMessageCommand).rejects(error(name, { status: 400 }));
      expect(await (await queue()).deliver(deadLetter(), 'key', never)).toMatchObject({ outcome: 'refused' });
    },
  );

  test.each(['InvalidParameterException', 'InvalidParameterValueException'])(
    'refuses a message: SNS with %s',
    async (name) => {
      sns.on(PublishCommand).rejects(error(name, { status: 400 }));
      expect(await (await topic()).deliver(deadLetter(), 'key', never)).toMatchObject({ outcome: 'refused' });
    },
  );

  test.each([
    ['RequestTooLargeException', 413],
    ['InvalidRequestContentException', 400],
  ])('refuses a message: Lambda with %s', async (name, status) => {
    lambda.on(InvokeCommand, { InvocationType: 'RequestResponse' }).rejects(error(name, { status }));
    expect(await (await fn()).deliver(deadLetter(), 'key', never)).toMatchObject({ outcome: 'refused' });
  });

  const answered = (FunctionError: string | undefined, payload: string) =>
    lambda.on(InvokeCommand, { InvocationType: 'RequestResponse' }).resolves({
      StatusCode: 200,
      ...(FunctionError === undefined ? {} : { FunctionError }),
      Payload: Buffer.from(payload) as never,
    });

  test.each([
    [
      '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"}',
    ],
    ['{"errorMessage":"2026-03-01T12:00:00Z 1 Task timed out after 3.00 seconds"}'],
    ['{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited with error: signal: killed"}'],
  ])('may have begun: Lambda, whose function was stopped with %s', async (payload) => {
    answered('Unhandled', payload);
    expect(await (await fn()).deliver(deadLetter(), 'key', never)).toMatchObject({
      outcome: 'unknown',
      slowDown: true,
    });
  });

  test.each([
    '{"errorType":"TypeError","errorMessage":"no\\nsuch"}',
    '{"errorType":"Runtime.ImportModuleError"}',
    'x',
    '""',
  ])('has failed: Lambda, whose function ended with %s', async (payload) => {
    answered('Unhandled', payload);
    expect(await (await fn()).deliver(deadLetter(), 'key', never)).toMatchObject({
      outcome: 'failed',
      slowDown: true,
    });
  });

  test.each([
    '',
    'null',
    '"done"',
    '[]',
    '{"batchItemFailures":[]}',
    '{"batchItemFailures":null}',
    '{"batchItemFailures":7}',
  ])('has accepted: Lambda, whose function answered %j', async (payload) => {
    answered(undefined, payload);
    expect(await (await fn()).deliver(deadLetter(), 'key', never)).toEqual(accepted);
  });

  test.each(['[{"itemIdentifier":"5fea7756"}]', '[{"itemIdentifier":""}]', '[{}]', '[null]'])(
    'has failed: Lambda, whose function reported %s',
    async (failures) => {
      answered(undefined, `{"batchItemFailures":${failures}}`);
      expect(await (await fn()).deliver(deadLetter(), 'key', never)).toMatchObject({ outcome: 'failed' });
    },
  );

  test('is asked once: the SDK does not try again by itself', async () => {
    const configs = [sqsClient, snsClient, lambdaClient].map((client) => client(settings).config);
    for (const config of configs) expect(await config.maxAttempts()).toBe(1);
  });

  test.each([
    ['SQS', queue, sqs, GetQueueUrlCommand, 'sqs:GetQueueUrl on queue "orders"'],
    ['SNS', topic, sns, GetTopicAttributesCommand, 'sns:GetTopicAttributes on topic "orders"'],
    ['Lambda', fn, lambda, InvokeCommand, 'lambda:InvokeFunction on function "orders"'],
  ] as const)('is not opened without permission: %s', async (_, open, service, command, words) => {
    (service as typeof sqs).on(command as never).rejects(error('AccessDeniedException', { status: 403 }));
    await expect(open()).rejects.toMatchObject({
      name: 'TargetMisconfigured',
      message: expect.stringContaining(`${words} is not allowed`),
    });
  });

  test('is opened at another time where it is busy', async () => {
    sqs.on(GetQueueUrlCommand).rejects(error('ThrottlingException', { status: 400 }));
    await expect(queue()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
