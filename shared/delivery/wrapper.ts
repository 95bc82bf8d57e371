import * as z from 'zod';
import type { SnsEnvelope } from './sns-envelope.ts';

/** What a service of AWS put around, or beside, the payload that it could not deliver. Recognised by structure alone. */
export interface Wrapper {
  readonly kind: WrapperKind;
  /** ARN of the function, target or schedule whose delivery failed; null where the wrapper does not name it. */
  readonly failedArn: string | null;
  /** The same in every copy of one failure, and in no other; null where there is none. */
  readonly id: string | null;
  /** Where the payload is: the body itself, or one of its fields. Null where the message has none. */
  readonly payloadIn: PayloadPlace | null;
  /** Why it has none, and where it may be found; null where it has one. */
  readonly withoutPayload: string | null;
}

export type WrapperKind =
  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations */
  | 'lambda-destination'
  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
  | 'lambda-dead-letter'
  /** With raw delivery; otherwise it is an envelope. https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
  | 'sns-dead-letter'
  /** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html and, of pipes, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html */
  | 'failed-batch'
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  | 'event-bridge'
  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
  | 'scheduler'
  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
  | 's3-test'
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-managing-large-messages.html */
  | 'extended-client';

export type PayloadPlace = 'body' | 'requestPayload' | 'Payload' | 'MessageBody' | 'Message';

/** Message attributes, by name. */
type Attributes = Readonly<Record<string, { readonly type: string; readonly value: string | Uint8Array }>>;

/**
 * Recognises a wrapper by its structure; null for any other message. Where Lambda sent its record to a topic, the wrapper is
 * the Message of an SNS envelope.
 *
 * @param json the parsed body, or the parsed Message of an envelope
 */
export function recogniseWrapper(json: unknown, attributes: Attributes): Wrapper | null {
  return byAttributes(json, attributes) ?? byBody(json);
}

/** The attributes of an envelope, as those of a message. */
export function attributesOf({ MessageAttributes = {} }: SnsEnvelope): Attributes {
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { Type: type, Value: value }]) => [name, { type, value }]),
  );
}

function byAttributes(json: unknown, attributes: Attributes): Wrapper | null {
  const text = (name: string) => {
    const value = attributes[name]?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const target = text('TARGET_ARN');
  const rule = text('RULE_ARN');
  if (rule !== undefined && target !== undefined) {
    const event = Event.safeParse(json).data;
    return wrapped('event-bridge', target, event === undefined ? null : deliveryOf(event, target), 'body');
  }
  const schedule = text('SCHEDULE_ARN');
  if (schedule !== undefined && target !== undefined) return scheduled(schedule, target, text);
  const request = text('RequestID');
  if (request === undefined || text('ErrorCode') === undefined || text('ErrorMessage') === undefined)
    return null;
  // Both services write these three. The code of Lambda is the number of an HTTP status, that of SNS is text.
  return attributes.ErrorCode?.type.startsWith('Number')
    ? wrapped('lambda-dead-letter', null, request, 'body')
    : wrapped('sns-dead-letter', null, null, 'body');
}

/**
 * One event goes to each target of a rule: only with the target it is one failure. A replay of an archive delivers the event
 * again on purpose, under the same id.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
 */
function deliveryOf({ id, 'replay-name': replay }: z.output<typeof Event>, target: string): string {
  return [id, target, ...(replay === undefined ? [] : [replay])].join('/');
}

/** A templated target got its input; a universal one is a call of an API, and the input a part of its request. */
function scheduled(schedule: string, target: string, text: (name: string) => string | undefined): Wrapper {
  const id = text('EXECUTION_ID') ?? null;
  if (text('IS_PAYLOAD_TRUNCATED') === 'true')
    return without(
      'scheduler',
      target,
      id,
      'EventBridge Scheduler cut its payload: take it from the schedule',
    );
  const [, call] = /:aws-sdk:(\w+:\w+)/.exec(target) ?? [];
  if (call === undefined) return wrapped('scheduler', target, id, 'body');
  const place = UNIVERSAL[call.toLowerCase()];
  return place === undefined
    ? without('scheduler', schedule, id, `its body is a call of ${call}, and no message: make the call again`)
    : wrapped('scheduler', schedule, id, place);
}

const UNIVERSAL: Readonly<Record<string, PayloadPlace>> = {
  'lambda:invoke': 'Payload',
  'sqs:sendmessage': 'MessageBody',
  'sns:publish': 'Message',
};

const Event = z.object({
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  'replay-name': z.string().optional(),
});

const Destination = z.object({
  requestContext: z.object({
    requestId: z.string(),
    functionArn: z.string(),
    // A record of a success is a message in its own right. Of a failure, Lambda may say more than its documents list.
    condition: z.string().refine((condition) => condition !== 'Success'),
  }),
});

const FailedBatch = z
  .object({
    requestContext: z.object({ functionArn: z.string() }).optional(),
    context: z.object({ partnerResourceArn: z.string() }).optional(),
  })
  .catchall(z.unknown());

const S3Test = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });

/** The first class is that of today's library, the second that of its first version. */
const Pointer = z.tuple([
  z.enum([
    'software.amazon.payloadoffloading.PayloadS3Pointer',
    'com.amazon.sqs.javamessaging.MessageS3Pointer',
  ]),
  z.object({ s3BucketName: z.string(), s3Key: z.string() }),
]);

function byBody(json: unknown): Wrapper | null {
  if (typeof json !== 'object' || json === null) return null;
  if (Array.isArray(json)) {
    const pointer = Pointer.safeParse(json).data;
    return pointer
      ? without(
          'extended-client',
          null,
          null,
          `it is a pointer of the SQS Extended Client to s3://${pointer[1].s3BucketName}/${pointer[1].s3Key}: only a consumer of a queue can follow it`,
        )
      : null;
  }
  if (S3Test.safeParse(json).success)
    return without(
      's3-test',
      null,
      null,
      'it is the test message that S3 sends when notifications are set up, and no event',
    );
  const info = Object.keys(json).find((key) => key.endsWith('BatchInfo'));
  const batch = info === undefined ? undefined : FailedBatch.safeParse(json).data;
  const arn = batch?.requestContext?.functionArn ?? batch?.context?.partnerResourceArn;
  if (arn !== undefined)
    return without(
      'failed-batch',
      arn,
      null,
      `it says only where a failed batch is (${info}), and has none of its records: read them from the stream while it keeps them`,
    );
  const { requestId, functionArn } = Destination.safeParse(json).data?.requestContext ?? {};
  if (requestId === undefined || functionArn === undefined) return null;
  return 'requestPayload' in json
    ? wrapped('lambda-destination', functionArn, requestId, 'requestPayload')
    : without(
        'lambda-destination',
        functionArn,
        requestId,
        'it is a record of a failed invocation without its requestPayload: call the function with the event again',
      );
}

function wrapped(
  kind: WrapperKind,
  failedArn: string | null,
  id: string | null,
  payloadIn: PayloadPlace,
): Wrapper {
  return { kind, failedArn, id, payloadIn, withoutPayload: null };
}

function without(kind: WrapperKind, failedArn: string | null, id: string | null, why: string): Wrapper {
  return { kind, failedArn, id, payloadIn: null, withoutPayload: why };
}
