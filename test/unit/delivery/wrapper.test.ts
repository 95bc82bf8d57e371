import { describe, expect, test } from 'vitest';
import type { MessageAttribute } from '../../../shared/delivery/outgoing-message.ts';
import { payloadOf } from '../../../shared/delivery/payload.ts';
import { sourceOf } from '../../../shared/replay/message/source.ts';
import { deadLetter, envelope } from '../replay/dead-letter.ts';
import { destination } from './lambda-destination.ts';

const text = (attributes: Record<string, string>): Record<string, MessageAttribute> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, { type: 'String', value }]));

const FUNCTION = 'arn:aws:lambda:us-west-2:123456789012:function:my-function';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html */
const kinesisBatch = {
  requestContext: {
    requestId: 'c9b8fa9f',
    functionArn: FUNCTION,
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 1,
  },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: '2019-11-14T00:38:06.021Z',
  KinesisBatchInfo: {
    shardId: 'shardId-000000000001',
    startSequenceNumber: '4960',
    endSequenceNumber: '4960',
    batchSize: 500,
  },
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
const event = {
  version: '0',
  id: '6a7e8feb',
  'detail-type': 'EC2 Instance State-change',
  source: 'aws.ec2',
  detail: { state: 'x' },
};
const ofRule = text({
  RULE_ARN: 'arn:aws:events:us-west-2:123456789012:rule/stopped',
  TARGET_ARN: FUNCTION,
  ERROR_CODE: 'NO_PERMISSIONS',
  ERROR_MESSAGE: 'not authorized',
});
/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
const ofSchedule = (target: string, truncated = 'false') =>
  text({
    ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
    EXECUTION_ID: 'ad06616e51cdf74a',
    IS_PAYLOAD_TRUNCATED: truncated,
    SCHEDULE_ARN: 'arn:aws:scheduler:us-west-2:123456789012:schedule/default/nightly',
    TARGET_ARN: target,
  });
const ofDeadLetterQueue = {
  ...text({ RequestID: 'e4b46cbf', ErrorMessage: 'Task timed out after 3.00 seconds' }),
  ErrorCode: { type: 'Number', value: '200' },
};

type Case = [
  title: string,
  message: Parameters<typeof deadLetter>[0],
  expected: object | null,
  payload: string | null,
];

describe('a dead letter', () => {
  test.each<Case>([
    [
      'of an on-failure destination of Lambda',
      { body: JSON.stringify(destination) },
      { kind: 'lambda-destination', id: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e', withoutPayload: null },
      '{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}',
    ],
    [
      'of one whose event became too old, without a response',
      {
        body: JSON.stringify({
          ...destination,
          responsePayload: undefined,
          requestContext: { ...destination.requestContext, condition: 'EventAgeExceeded' },
        }),
      },
      { kind: 'lambda-destination' },
      '{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}',
    ],
    [
      'of one with numbers that no double holds, and text in its payload',
      {
        body: JSON.stringify(destination).replace(
          /"requestPayload":\{.*?\]\}/,
          '"requestPayload":{"id":12345678901234567890,"price":1.10,"note":"é \\" 🛟"}',
        ),
      },
      { kind: 'lambda-destination' },
      '{"id":12345678901234567890,"price":1.10,"note":"é \\" 🛟"}',
    ],
    [
      'of one that was called with null',
      { body: JSON.stringify({ ...destination, requestPayload: null }) },
      { kind: 'lambda-destination' },
      'null',
    ],
    [
      'of one that sends its records to a topic',
      { body: JSON.stringify({ ...envelope, Message: JSON.stringify(destination) }) },
      { kind: 'lambda-destination' },
      '{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}',
    ],
    [
      'of an on-success destination is a message in its own right',
      {
        body: JSON.stringify({
          ...destination,
          requestContext: { ...destination.requestContext, condition: 'Success' },
        }),
      },
      null,
      JSON.stringify({
        ...destination,
        requestContext: { ...destination.requestContext, condition: 'Success' },
      }),
    ],
    [
      'with a field requestPayload of its own',
      { body: '{"requestPayload":{"orderId":1}}' },
      null,
      '{"requestPayload":{"orderId":1}}',
    ],
    [
      'of a dead-letter queue of Lambda',
      { body: '{"orderId":42}', attributes: ofDeadLetterQueue },
      { kind: 'lambda-dead-letter', id: 'e4b46cbf', failedArn: null },
      '{"orderId":42}',
    ],
    [
      'of a dead-letter topic of Lambda',
      {
        body: JSON.stringify({
          ...envelope,
          Message: '{"orderId":42}',
          MessageAttributes: Object.fromEntries(
            Object.entries(ofDeadLetterQueue).map(([name, { type, value }]) => [
              name,
              { Type: type, Value: value },
            ]),
          ),
        }),
      },
      { kind: 'lambda-dead-letter', id: 'e4b46cbf' },
      '{"orderId":42}',
    ],
    [
      'of a topic with raw delivery, which has no id of its own',
      {
        body: '{"orderId":42}',
        attributes: text({
          RequestID: 'a1b2c3d4',
          ErrorCode: 'AWS.SimpleQueueService.NonExistentQueue',
          ErrorMessage: 'The specified queue does not exist or you do not have access to it.',
        }),
      },
      { kind: 'sns-dead-letter', id: null, failedArn: null },
      '{"orderId":42}',
    ],
    [
      'of an on-failure destination without its payload',
      { body: JSON.stringify({ ...destination, requestPayload: undefined }) },
      { kind: 'lambda-destination', withoutPayload: expect.stringContaining('without its requestPayload') },
      null,
    ],
    [
      'of an on-failure destination with a condition that no document lists',
      {
        body: JSON.stringify({
          ...destination,
          requestContext: { ...destination.requestContext, condition: 'RecursiveInvocation' },
        }),
      },
      { kind: 'lambda-destination' },
      '{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}',
    ],
    [
      'with a RequestID alone',
      { body: '{"orderId":42}', attributes: text({ RequestID: '1' }) },
      null,
      '{"orderId":42}',
    ],
    [
      'of a batch of Kinesis',
      { body: JSON.stringify(kinesisBatch) },
      { kind: 'failed-batch', payloadIn: null, withoutPayload: expect.stringContaining('KinesisBatchInfo') },
      null,
    ],
    [
      'of a batch of DynamoDB',
      {
        body: JSON.stringify({
          ...kinesisBatch,
          KinesisBatchInfo: undefined,
          DDBStreamBatchInfo: { shardId: 's', batchSize: 1 },
        }),
      },
      { kind: 'failed-batch', withoutPayload: expect.stringContaining('DDBStreamBatchInfo') },
      null,
    ],
    [
      'of a batch of a pipe',
      {
        body: JSON.stringify({
          context: {
            partnerResourceArn: 'arn:aws:pipes:us-west-2:123456789012:pipe/orders',
            condition: 'RetryAttemptsExhausted',
          },
          version: '1.0',
          KinesisBatchInfo: { shardId: 's' },
        }),
      },
      { kind: 'failed-batch' },
      null,
    ],
    [
      'of a rule of EventBridge',
      { body: JSON.stringify(event), attributes: ofRule },
      { kind: 'event-bridge', id: `6a7e8feb/${FUNCTION}` },
      JSON.stringify(event),
    ],
    [
      'of a rule, of an event that a replay of an archive sent again',
      { body: JSON.stringify({ ...event, 'replay-name': 'again' }), attributes: ofRule },
      { kind: 'event-bridge', id: `6a7e8feb/${FUNCTION}/again` },
      JSON.stringify({ ...event, 'replay-name': 'again' }),
    ],
    [
      'of a rule that transforms its input',
      { body: '"only text"', attributes: ofRule },
      { kind: 'event-bridge', id: null },
      '"only text"',
    ],
    [
      'of a schedule of a function',
      { body: '{"job":1}', attributes: ofSchedule(FUNCTION) },
      { kind: 'scheduler', id: 'ad06616e51cdf74a' },
      '{"job":1}',
    ],
    [
      'of a schedule whose payload was cut',
      { body: '{"job":', attributes: ofSchedule(FUNCTION, 'true') },
      { kind: 'scheduler', withoutPayload: expect.stringContaining('cut') },
      null,
    ],
    [
      'of a schedule that calls SQS itself',
      {
        body: '{"MessageBody":"Hello, world!","QueueUrl":"https://sqs"}',
        attributes: ofSchedule('arn:aws:scheduler:::aws-sdk:sqs:sendMessage'),
      },
      { kind: 'scheduler', failedArn: expect.stringContaining('schedule/default/nightly') },
      'Hello, world!',
    ],
    [
      'of a schedule that calls Lambda itself',
      {
        body: '{"FunctionName":"orders","Payload":"{\\"orderId\\":1}","InvocationType":"Event"}',
        attributes: ofSchedule('arn:aws:scheduler:::aws-sdk:lambda:invoke'),
      },
      { kind: 'scheduler' },
      '{"orderId":1}',
    ],
    [
      'of a schedule that stops an instance',
      {
        body: '{"InstanceIds":["i-1"]}',
        attributes: ofSchedule('arn:aws:scheduler:::aws-sdk:ec2:stopInstances'),
      },
      { kind: 'scheduler', withoutPayload: expect.stringContaining('ec2:stopInstances') },
      null,
    ],
    [
      'that is a test message of S3',
      {
        body: '{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-01T00:00:00.000Z","Bucket":"b"}',
      },
      { kind: 's3-test' },
      null,
    ],
    [
      'that is an event of S3',
      { body: '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}' },
      null,
      '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}',
    ],
    [
      'that is a pointer of the Extended Client',
      { body: '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"big","s3Key":"k"}]' },
      { kind: 'extended-client', withoutPayload: expect.stringContaining('s3://big/k') },
      null,
    ],
    [
      'that is a pointer of its first version',
      { body: '["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"big","s3Key":"k"}]' },
      { kind: 'extended-client' },
      null,
    ],
    ['of a subscription of SNS', { body: JSON.stringify(envelope) }, null, envelope.Message],
    [
      'of a subscription with raw delivery',
      { body: '{"eventType":"Delivery"}', attributes: text({ kind: 'x' }) },
      null,
      '{"eventType":"Delivery"}',
    ],
    ['that is text', { body: 'RequestID: 1' }, null, 'RequestID: 1'],
    ['that is null', { body: 'null' }, null, 'null'],
  ])('%s', (_, given, expected, payload) => {
    const message = deadLetter(given);
    if (expected === null) expect(message.wrapper).toBeNull();
    else expect(message.wrapper).toMatchObject(expected);
    expect(payloadOf(message)).toBe(payload);
  });

  test.each([
    ['of a queue', { sourceArn: 'arn:aws:sqs:us-west-2:123456789012:orders' }, 'queue:orders'],
    ['of a function', { body: JSON.stringify(destination) }, 'function:my-function'],
    ['of a rule', { body: JSON.stringify(event), attributes: ofRule }, 'function:my-function'],
    ['that names none', { body: '{}' }, null],
  ])('%s says where it came from', (_, given, source) => {
    expect(sourceOf(deadLetter(given))?.id ?? null).toBe(source);
  });
});
