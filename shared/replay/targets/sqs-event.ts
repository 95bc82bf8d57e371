import { createHash } from 'node:crypto';
import type { SQSEvent, SQSMessageAttribute } from 'aws-lambda';
import { withKey } from '../../delivery/key-attributes.ts';
import type { MessageAttribute, OutgoingMessage } from '../../delivery/outgoing-message.ts';

/**
 * The event that a function receives from an SQS queue, with one record, so that a consumer's own handler
 * works unchanged. The queue is the one that the message came from or was meant for, where SQS or a wrapper tells.
 *
 * `messageId` is the original one from SQS, so the consumer can recognize the message. The key is a message
 * attribute. There is no receipt handle: only the replay deletes messages, and a handler that tries must
 * fail.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 */
export function sqsEvent(message: OutgoingMessage, key: string, deadLettersArn: string, now: Date): SQSEvent {
  const meantFor = message.wrapper?.failedArn;
  const queueArn = message.sourceArn ?? (meantFor?.split(':')[2] === 'sqs' ? meantFor : deadLettersArn);
  return {
    Records: [
      {
        messageId: message.messageId,
        receiptHandle: '',
        body: message.body,
        attributes: {
          ApproximateReceiveCount: String(message.receiveCount),
          SentTimestamp: String(message.sentAt.getTime()),
          SenderId: message.senderId ?? 'lifeboat',
          ApproximateFirstReceiveTimestamp: String((message.firstReceivedAt ?? now).getTime()),
          ...(message.traceHeader === null ? {} : { AWSTraceHeader: message.traceHeader }),
          ...(message.groupId === null ? {} : { MessageGroupId: message.groupId }),
          ...(message.deduplicationId === null ? {} : { MessageDeduplicationId: message.deduplicationId }),
        },
        messageAttributes: Object.fromEntries(
          Object.entries(withKey(message.attributes, key, message)).map(([name, attribute]) => [
            name,
            inEvent(attribute),
          ]),
        ),
        md5OfBody: createHash('md5').update(message.body).digest('hex'),
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn,
        awsRegion: queueArn.split(':')[3] ?? '',
      },
    ],
  };
}

function inEvent({ type, value }: MessageAttribute): SQSMessageAttribute {
  return {
    ...(typeof value === 'string'
      ? { stringValue: value }
      : { binaryValue: Buffer.from(value).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: type,
  };
}
