import { describe, expect, test } from 'vitest';
import { KEY_ATTRIBUTE } from '../../../../shared/delivery/outgoing-message.ts';
import { parseExpression } from '../../../../shared/plan/values/expression.ts';
import { bodyHash } from '../../../../shared/replay/message/body-hash.ts';
import type { DeadLetter } from '../../../../shared/replay/message/dead-letter.ts';
import { expressionDocument } from '../../../../shared/replay/message/expression-document.ts';
import { type Key, keyOf } from '../../../../shared/replay/message/idempotency-key.ts';
import { bodies, enveloped } from '../bodies.ts';
import { deadLetter, envelope, received } from '../dead-letter.ts';

const NOW = new Date('2026-03-01T13:00:00Z');

function keyIn(difference: Partial<DeadLetter>, expression: string | null = null): Key {
  const whole = received(difference);
  return keyOf(whole.message, expression === null ? null : parseExpression(expression), () =>
    expressionDocument(whole, NOW),
  );
}

const given = (value: string | Uint8Array) => ({ [KEY_ATTRIBUTE]: { type: 'String', value } });

describe('the key', () => {
  test.each(bodies)('is the MessageId of SNS in an envelope, else that of SQS: %s', (_, body, shape) => {
    expect(keyIn({ body })).toEqual({
      key: shape === 'sns' ? envelope.MessageId : '5fea7756-0ea4-451a-a703-a558b933e274',
    });
  });

  test('is what the plan says, rather than a MessageId', () => {
    expect(keyIn({ body: '{"order":{"id":"o-1"}}' }, 'body.order.id')).toEqual({ key: 'o-1' });
    expect(keyIn({ body: enveloped({ Message: '{"id":7}' }) }, 'message.id')).toEqual({ key: '7' });
  });

  test('is the one that the message was given before, whatever the plan says', () => {
    const body = enveloped({ Message: '{"id":7}' });
    expect(keyIn({ body, attributes: given('first~key') }, 'message.id')).toEqual({ key: 'first~key' });
  });

  test.each([
    ['empty', given('')],
    ['blank', given(' ')],
    ['of bytes', given(Uint8Array.of(1))],
  ])('is not one that was given and is none: %s', (_, attributes) => {
    expect(keyIn({ attributes })).toEqual({ key: '5fea7756-0ea4-451a-a703-a558b933e274' });
  });

  test.each([
    ['text', '"o-1"', 'o-1'],
    ['text with blanks around, which stay', '" o-1 "', ' o-1 '],
    ['text with emoji', '"🛟"', '🛟'],
    ['a number', '7', '7'],
    ['zero', '0', '0'],
    ['a fraction', '0.25', '0.25'],
    ['the largest number that is exact', '9007199254740991', '9007199254740991'],
  ])('may be %s', (_, id, key) => {
    expect(keyIn({ body: `{"id":${id}}` }, 'body.id')).toEqual({ key });
  });

  test.each([
    ['nothing', 'null', 'finds nothing'],
    ['empty text', '""', 'empty'],
    ['blanks', '" \\n"', 'empty'],
    ['true', 'true', 'finds true'],
    ['a list', '["o-1"]', 'finds a list'],
    ['an object', '{"id":"o-1"}', 'finds an object'],
    ['a number that may have been another', '9007199254740993', 'too large to be exact'],
    ['a number beyond all', '1e999', 'too large to be exact'],
    ['half an emoji', '"\\ud83d"', 'no message attribute can carry'],
    ['a control character', '"a\\u0000b"', 'no message attribute can carry'],
  ])('is missing where the plan finds %s', (_, id, why) => {
    const found = keyIn({ body: `{"id":${id}}` }, 'body.id');
    expect(found).toMatchObject({ key: null, why: expect.stringContaining(why) });
  });

  test.each([
    ['the body is no JSON', 'text', 'body.id'],
    ['the body is empty', '', 'body.id'],
    ['there is no envelope', '{"id":1}', 'message.id'],
    ['a function is given what it cannot take', '{"id":1}', "join('-', body.id)"],
    ['the name is one of the language itself', '{"id":1}', 'body.constructor'],
  ])('is missing where %s', (_, body, expression) => {
    expect(keyIn({ body }, expression)).toMatchObject({ key: null });
  });

  test('sees the message as the plan may speak of it', () => {
    const body = enveloped({ Message: 'null', Subject: undefined });
    const attributes = {
      kind: { type: 'String', value: 'order' },
      bytes: { type: 'Binary', value: Uint8Array.of(0, 255) },
    };
    const whole = received({
      body,
      attributes,
      groupId: 'customer-1',
      sourceArn: 'arn:aws:sqs:us-west-2:123456789012:orders',
    });
    expect(expressionDocument(whole, NOW)).toEqual({
      body: JSON.parse(body),
      message: null,
      attributes: { kind: 'order', bytes: 'AP8=' },
      sns: {
        messageId: envelope.MessageId,
        topicArn: envelope.TopicArn,
        type: 'Notification',
        timestamp: '2012-05-02T00:54:06.655Z',
        subject: null,
      },
      ageSeconds: 3_600,
      receiveCount: 4,
      source: 'orders',
      sourceKind: 'queue',
      sourceArn: 'arn:aws:sqs:us-west-2:123456789012:orders',
      wrapper: null,
      payload: null,
      groupId: 'customer-1',
      messageId: '5fea7756-0ea4-451a-a703-a558b933e274',
    });
  });
});

describe('the hash of a body', () => {
  const hash = (body: string) => bodyHash(deadLetter({ body }));

  test('is the same where SNS delivers a message again, signed anew', () => {
    const again = {
      SignatureVersion: '2',
      Signature: 'another',
      SigningCertURL: 'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
      UnsubscribeURL: 'https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=another',
    };
    expect(hash(enveloped(again))).toBe(hash(enveloped()));
    expect(hash(JSON.stringify(envelope, null, 2))).toBe(hash(enveloped()));
  });

  test('does not depend on the order of attributes', () => {
    const [a, b] = [
      { Type: 'String', Value: '1' },
      { Type: 'Number', Value: '1' },
    ];
    expect(hash(enveloped({ MessageAttributes: { a, b } }))).toBe(
      hash(enveloped({ MessageAttributes: { b, a } })),
    );
  });

  test.each([
    ['message', { Message: '{"eventType":"Bounce"}' }],
    ['subject', { Subject: 'another' }],
    ['topic', { TopicArn: 'arn:aws:sns:us-west-2:123456789012:Other' }],
    ['attributes', { MessageAttributes: { a: { Type: 'String', Value: '1' } } }],
  ])('is another for another %s', (_, difference) => {
    expect(hash(enveloped(difference))).not.toBe(hash(enveloped()));
  });

  test('tells all bodies from one another', () => {
    // Some of the bodies are the same content, written differently.
    const different = bodies.filter(
      ([description]) => !description.includes('line ends between') && !description.includes('more fields'),
    );
    expect(new Set(different.map(([, body]) => hash(body))).size).toBe(different.length);
  });
});
