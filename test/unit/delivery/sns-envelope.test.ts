import { describe, expect, test } from 'vitest';
import { envelopeOf } from '../../../shared/delivery/outgoing-message.ts';
import { parseBody } from '../../../shared/delivery/parse-body.ts';
import { bodies, enveloped } from '../replay/bodies.ts';

const envelopeIn = (body: string) => envelopeOf(parseBody(body));

describe('an SNS envelope', () => {
  test.each(bodies)('is told from what is none: %s', (_, body, shape) => {
    expect(envelopeIn(body) !== null).toBe(shape === 'sns');
  });

  test.each([
    ['no Type', { Type: undefined }],
    ['a Type that SNS has not', { Type: 'Order' }],
    ['no MessageId', { MessageId: undefined }],
    ['a MessageId that is a number', { MessageId: 7 }],
    ['a MessageId that is a list', { MessageId: ['22b80b92'] }],
    ['an empty MessageId', { MessageId: '' }],
    ['a MessageId of two lines', { MessageId: 'a\nb' }],
    ['a MessageId of many pages', { MessageId: 'a'.repeat(5_000) }],
    ['no TopicArn', { TopicArn: undefined }],
    ['the ARN of a queue', { TopicArn: 'arn:aws:sqs:us-west-2:123456789012:MyQueue' }],
    ['a TopicArn of two lines', { TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic\nx' }],
    ['no Message', { Message: undefined }],
    ['a Message that is an object', { Message: { a: 1 } }],
    ['no Timestamp', { Timestamp: undefined }],
    ['a Timestamp that is no time', { Timestamp: 'yesterday' }],
    ['attributes that are none', { MessageAttributes: { a: 'b' } }],
  ])('is not any JSON with a MessageId: %s', (_, difference) => {
    expect(envelopeIn(enveloped(difference))).toBeNull();
  });

  test.each([
    ['a FIFO topic', { TopicArn: 'arn:aws:sns:eu-west-1:000000000000:orders.fifo' }],
    ['China', { TopicArn: 'arn:aws-cn:sns:cn-north-1:123456789012:orders' }],
    ['no subject', { Subject: null }],
    ['attributes', { MessageAttributes: { kind: { Type: 'String', Value: 'order' } } }],
    ['a request to confirm a subscription', { Type: 'SubscriptionConfirmation' }],
  ])('comes in all the forms that SNS writes: %s', (_, difference) => {
    expect(envelopeIn(enveloped(difference))).toMatchObject(difference);
  });

  test('that wraps another is the outer one', () => {
    const inner = enveloped({ MessageId: 'inner' });
    expect(envelopeIn(enveloped({ MessageId: 'outer', Message: inner }))?.MessageId).toBe('outer');
  });
});
