import { describe, expect, test } from 'vitest';
import { parseBody } from '../../../../shared/delivery/parse-body.ts';
import { messageHeaders } from '../../../../shared/replay/targets/message-headers.ts';
import { envelope } from '../dead-letter.ts';

const headers = (body: string) => messageHeaders(parseBody(body).content);
const headersOf = (difference: object) => headers(JSON.stringify({ ...envelope, ...difference }));

describe('the headers of a message', () => {
  test('are those of SNS for its envelope', () => {
    expect(headersOf({})).toEqual({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
      'x-amz-sns-topic-arn': 'arn:aws:sns:us-west-2:123456789012:MyTopic',
      'x-amz-sns-subscription-arn':
        'arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0-26c4-47ec-8998-413945fb5a96',
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
    });
  });

  test.each([undefined, 'no address', 'https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe'])(
    'name no subscription where the envelope leaves it with %j',
    (UnsubscribeURL) => {
      expect(headersOf({ UnsubscribeURL })).not.toHaveProperty('x-amz-sns-subscription-arn');
    },
  );

  test.each(['a%0D%0Ax-admin: 1', 'arn:%C3%BC', 'with%20space', ''])(
    'leave out a subscription %j, which could end a header',
    (arn) => {
      const UnsubscribeURL = `https://sns.us-west-2.amazonaws.com/?SubscriptionArn=${arn}`;
      expect(headersOf({ UnsubscribeURL })).not.toHaveProperty('x-amz-sns-subscription-arn');
    },
  );

  test.each([
    ['{"order":1}', 'application/json'],
    [' [1, 2] ', 'application/json'],
    ['"text"', 'application/json'],
    ['{"order":1', 'text/plain; charset=UTF-8'],
    ['', 'text/plain; charset=UTF-8'],
    ['line\nline', 'text/plain; charset=UTF-8'],
    [JSON.stringify({ ...envelope, Type: 'Something' }), 'application/json'],
    [JSON.stringify({ ...envelope, Message: { no: 'text' } }), 'application/json'],
  ])('call %j what it is', (body, type) => {
    expect(headers(body)).toEqual({ 'content-type': type, 'user-agent': 'Lifeboat' });
  });
});
