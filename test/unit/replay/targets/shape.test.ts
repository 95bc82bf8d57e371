import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../../shared/plan/values/expression.ts';
import { type ShapeRules, shapeOf } from '../../../../shared/replay/targets/shape.ts';
import { destination } from '../../delivery/lambda-destination.ts';
import { deadLetter, envelope } from '../dead-letter.ts';

const ORDERS = 'arn:aws:sqs:us-west-2:123456789012:orders';
const wrapped = deadLetter({ body: JSON.stringify(destination) });
const PAYLOAD = { as: 'payload', text: JSON.stringify(destination.requestPayload) };
const redriven = deadLetter({ sourceArn: ORDERS });
const notification = deadLetter({ body: JSON.stringify(envelope) });
const pointer = deadLetter({
  body: '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"big","s3Key":"k"}]',
});
const place = 'replays.orders.as';
const unknown = {
  as: null,
  why: expect.stringMatching(
    /^it is not known in which shape.*set replays\.orders\.as to payload, sqs-event or sns-event$/,
  ),
};

describe('the shape in which a target is given a message', () => {
  test.each<[string, ReturnType<typeof deadLetter>, Omit<ShapeRules, 'place'>, object]>([
    [
      'a function that consumed a queue: an event of SQS',
      redriven,
      { kind: 'function' },
      { as: 'sqs-event' },
    ],
    ['a function that failed: its payload', wrapped, { kind: 'function' }, PAYLOAD],
    [
      'a function that consumed records of failures: an event of SQS',
      { ...wrapped, sourceArn: ORDERS },
      { kind: 'function' },
      { as: 'sqs-event' },
    ],
    [
      'the same, where the plan says payload: the payload',
      { ...wrapped, sourceArn: ORDERS },
      { kind: 'function', as: 'payload' },
      PAYLOAD,
    ],
    ['a function, of a message that proves nothing: none', deadLetter(), { kind: 'function' }, unknown],
    ['a function, of a notification that no queue held: none', notification, { kind: 'function' }, unknown],
    [
      'the same, where the plan says sns-event',
      notification,
      { kind: 'function', as: 'sns-event' },
      { as: 'sns-event' },
    ],
    [
      'sns-event, of a message that is not from SNS',
      deadLetter(),
      { kind: 'function', as: 'sns-event' },
      { as: null, why: expect.stringContaining('no SNS envelope') },
    ],
    [
      'sqs-event, where the plan says so',
      deadLetter(),
      { kind: 'function', as: 'sqs-event' },
      { as: 'sqs-event' },
    ],
    [
      'payload of a message without a wrapper: its body',
      deadLetter({ body: '{"a":1}' }),
      { kind: 'function', as: 'payload' },
      { as: 'payload', text: '{"a":1}' },
    ],
    ...[
      ['lambda:us-west-2:123456789012:function:orders', { as: 'payload', text: '{"a":1}' }] as const,
      ['sqs:us-west-2:123456789012:orders', { as: 'sqs-event' }] as const,
      ['states:us-west-2:123456789012:stateMachine:orders', unknown] as const,
      ['events:us-west-2:123456789012:event-bus/orders', unknown] as const,
    ].map(([target, shape]): [string, ReturnType<typeof deadLetter>, Omit<ShapeRules, 'place'>, object] => [
      `a function, of a rule whose target is ${target}`,
      deadLetter({
        body: '{"a":1}',
        attributes: {
          RULE_ARN: { type: 'String', value: 'arn:aws:events:us-west-2:123456789012:rule/orders' },
          TARGET_ARN: { type: 'String', value: `arn:aws:${target}` },
        },
      }),
      { kind: 'function' },
      shape,
    ]),
    [
      'half of a surrogate pair, which would be replaced on its way: none',
      deadLetter({ body: '{"failed":"\\ud83d"}' }),
      { kind: 'queue', payload: parseExpression('body.failed') },
      { as: null, why: expect.stringContaining('surrogate') },
    ],
    ['a webhook: the body', wrapped, { kind: 'webhook' }, { as: 'body' }],
    ['a webhook, where the plan says payload', wrapped, { kind: 'webhook', as: 'payload' }, PAYLOAD],
    ['a queue: the body', wrapped, { kind: 'queue' }, { as: 'body' }],
    ['a queue that is given a pointer: the pointer', pointer, { kind: 'queue' }, { as: 'body' }],
    [
      'a function that consumes pointers: an event of SQS',
      pointer,
      { kind: 'function' },
      { as: 'sqs-event' },
    ],
    [
      'a webhook that is given a pointer: none',
      pointer,
      { kind: 'webhook' },
      { as: null, why: expect.stringContaining('s3://big/k') },
    ],
    [
      'a wrapper of the application',
      deadLetter({ body: '{"failed":{"order":{"id":1}}}' }),
      { kind: 'webhook', payload: parseExpression('body.failed.order') },
      { as: 'payload', text: '{"id":1}' },
    ],
    [
      'a wrapper of the application around text',
      deadLetter({ body: '{"failed":"<xml/>"}' }),
      { kind: 'queue', payload: parseExpression('body.failed') },
      { as: 'payload', text: '<xml/>' },
    ],
    [
      'a wrapper of the application that has nothing',
      deadLetter({ body: '{}' }),
      { kind: 'queue', payload: parseExpression('body.failed') },
      { as: null, why: expect.stringContaining('finds nothing') },
    ],
  ])('%s', (_, message, rules, expected) => {
    expect(shapeOf(message, { ...rules, place })).toEqual(expected);
  });
});
