import { expect, test } from 'vitest';
import { sqsEvent } from '../../../../shared/replay/targets/sqs-event.ts';
import { deadLetter } from '../dead-letter.ts';

const ARN = 'arn:aws:sqs:eu-central-1:123456789012:orders-dead';
const now = new Date('2026-03-01T13:00:00Z');

test('a function gets a message as a queue would give it, with its key as an attribute', () => {
  const sent = deadLetter({
    body: 'Grüße\n"🛟"',
    attributes: {
      kind: { type: 'String', value: 'order' },
      count: { type: 'Number.int', value: '7' },
      picture: { type: 'Binary.png', value: Buffer.from([0, 255, 13, 10]) },
    },
    groupId: 'customer-7',
    deduplicationId: 'order-1',
  });
  const lists = { stringListValues: [], binaryListValues: [] };
  expect(sqsEvent(sent, 'the key', ARN, now)).toEqual({
    Records: [
      {
        messageId: sent.messageId,
        receiptHandle: '',
        body: sent.body,
        attributes: {
          ApproximateReceiveCount: '4',
          SentTimestamp: '1772366400000',
          SenderId: 'lifeboat',
          ApproximateFirstReceiveTimestamp: '1772370000000',
          MessageGroupId: 'customer-7',
          MessageDeduplicationId: 'order-1',
        },
        messageAttributes: {
          LifeboatKey: { stringValue: 'the key', dataType: 'String', ...lists },
          LifeboatReplayOf: { stringValue: sent.messageId, dataType: 'String', ...lists },
          kind: { stringValue: 'order', dataType: 'String', ...lists },
          count: { stringValue: '7', dataType: 'Number.int', ...lists },
          picture: { binaryValue: 'AP8NCg==', dataType: 'Binary.png', ...lists },
        },
        md5OfBody: '62ff6631ed0b4909b1c15451326671e9',
        eventSource: 'aws:sqs',
        eventSourceARN: ARN,
        awsRegion: 'eu-central-1',
      },
    ],
  });
});
