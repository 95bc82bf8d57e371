import { describe, expect, test } from 'vitest';
import { KEY_ATTRIBUTE } from '../../../../shared/delivery/outgoing-message.ts';
import { replay } from '../../../../shared/plan/sections/replays.ts';
import type { DeadLetter } from '../../../../shared/replay/message/dead-letter.ts';
import {
  FilterFails,
  type Selection,
  select,
  selectionRules,
} from '../../../../shared/replay/message/send-leave-or-quarantine.ts';
import { bodies, enveloped } from '../bodies.ts';
import { envelope, received } from '../dead-letter.ts';

/** Half an hour after the messages were sent. */
const NOW = new Date('2026-03-01T12:30:00Z');
const ID = '5fea7756-0ea4-451a-a703-a558b933e274';

interface Planned {
  readonly format?: 'sns' | 'json' | 'any';
  readonly key?: string;
  readonly filter?: string;
  readonly maxAge?: string;
}

/** @param filter of the operator */
const rulesOf = (planned: Planned, filter?: string) =>
  selectionRules(
    replay.parse({ deadLetters: 'dlq', target: { queue: 'orders' }, scenario: 'lost', ...planned }),
    filter,
  );

const selected = (planned: Planned, difference: Partial<DeadLetter> = {}, filter?: string): Selection =>
  select(received(difference), rulesOf(planned, filter), NOW);

describe('the format', () => {
  test.each(bodies)('decides what is sent, and never throws: %s', (_, body, shape) => {
    const key = shape === 'sns' ? envelope.MessageId : ID;
    const expected = (good: boolean) =>
      good ? { verdict: 'send', key } : { verdict: 'quarantine', kind: 'unparsable', key };
    expect(selected({ format: 'any' }, { body })).toEqual({ verdict: 'send', key });
    expect(selected({ format: 'json' }, { body })).toMatchObject(
      expected(shape === 'sns' || shape === 'json'),
    );
    expect(selected({ format: 'sns' }, { body })).toMatchObject(expected(shape === 'sns'));
  });

  test.each([
    ['', 'the body is empty'],
    ['text', 'expected an SNS envelope, found text that is not JSON'],
    ['\ufeff{"id":1}', 'expected an SNS envelope, found text that begins with a byte order mark'],
    ['\ufeff{"id":1}', 'expected an SNS envelope, found text that begins with a byte order mark'],
    [
      '{"MessageId":"1"}',
      'expected an SNS envelope (Type, MessageId, TopicArn, Message, Timestamp), found other JSON',
    ],
  ])('says what was expected and what was found: %j', (body, reason) => {
    expect(selected({ format: 'sns' }, { body })).toMatchObject({ reason });
  });
});

describe('a filter', () => {
  test.each([
    ['true', 'body.n == `1`', 'send'],
    ['false', 'body.n == `2`', 'leave'],
    ['nothing, where there is nothing to compare', 'body.missing > `1`', 'leave'],
    ['nothing, where text is compared with a number', 'body.text > `1`', 'leave'],
  ])('that finds %s', (_, filter, verdict) => {
    const body = '{"n":1,"text":"1"}';
    expect(selected({ filter }, { body }).verdict).toBe(verdict);
    expect(selected({}, { body }, filter).verdict).toBe(verdict);
  });

  test.each([
    ['attributes', "attributes.kind == 'order'"],
    ['age', 'ageSeconds >= `1800`'],
    ['what SNS says', "sns.topicArn == 'arn:aws:sns:us-west-2:123456789012:MyTopic'"],
    ['the message in an envelope', "message.eventType == 'Delivery'"],
    ['the group', "groupId == 'customer-1'"],
    ['how often it was received', 'receiveCount == `4`'],
  ])('may speak of %s', (_, filter) => {
    const attributes = { kind: { type: 'String', value: 'order' } };
    const difference = { body: enveloped(), attributes, groupId: 'customer-1' };
    expect(selected({ filter }, difference).verdict).toBe('send');
    expect(selected({ filter: `${filter} == \`false\`` }, difference).verdict).toBe('leave');
  });

  test('of the plan and one of the operator must both be true', () => {
    const verdict = (ofPlan: string, ofOperator: string) =>
      selected({ filter: ofPlan }, { body: '{"n":1}' }, ofOperator).verdict;
    expect(verdict('body.n == `1`', 'body.n > `0`')).toBe('send');
    expect(verdict('body.n == `1`', 'body.n > `1`')).toBe('leave');
    expect(verdict('body.n == `2`', 'body.n > `0`')).toBe('leave');
  });

  test.each([
    ['empty', { body: '' }],
    ['of another format', { body: 'text' }],
    ['without a key', { body: '{"id":null}' }],
    ['too old', { body: enveloped(), sentAt: new Date('2026-01-01T00:00:00Z') }],
  ])('leaves a message that it does not want, even one that is %s', (_, difference) => {
    const planned = {
      format: 'sns' as const,
      key: 'message.id',
      maxAge: '1h',
      filter: 'receiveCount == `0`',
    };
    expect(selected(planned, difference)).toEqual({ verdict: 'leave', why: 'filtered' });
  });

  test.each([
    ['throws', "contains(body.tags, 'paid')", /contains\(body\.tags, 'paid'\).*5fea7756.*contains/s],
    ['finds text', 'body.text', /neither true nor false.*5fea7756.*but text/s],
    ['finds a list', 'body.list', /a list/],
    ['finds an object', 'body', /an object/],
  ])('that %s stops the run, and is never taken for false', (_, filter, says) => {
    const body = '{"text":"x","list":[1]}';
    const selecting = () => selected({ filter }, { body });
    expect(selecting).toThrow(FilterFails);
    expect(selecting).toThrow(says);
    expect(() => selected({}, { body }, filter)).toThrow(FilterFails);
  });

  test('that cannot be read names the column, before anything is read from the queue', () => {
    expect(() => rulesOf({}, 'body.n = `1`')).toThrow(/from column 8/);
  });
});

describe('a message', () => {
  test('without a key where the plan looks for it is kept, with the reason', () => {
    expect(selected({ key: 'body.id' }, { body: '{"id":""}' })).toEqual({
      verdict: 'quarantine',
      key: null,
      kind: 'key-missing',
      reason: "the plan's key expression finds an empty text in this message",
    });
  });

  test.each([
    [30 * 60_000, 'send'],
    [30 * 60_000 - 1, 'quarantine'],
  ])('of half an hour, where %d ms are allowed', (maxAge, verdict) => {
    const rules = { ...rulesOf({}), maxAge };
    expect(select(received(), rules, NOW)).toMatchObject({ verdict, key: ID });
  });

  test('that is too old says by how much', () => {
    expect(selected({ maxAge: '10m' })).toEqual({
      verdict: 'quarantine',
      key: ID,
      kind: 'too-old',
      reason: 'sent 30m ago; the plan replays what is at most 10m old',
    });
  });

  test('sent in the future, by another clock, is sent', () => {
    expect(selected({ maxAge: '1m' }, { sentAt: new Date('2026-03-01T12:31:00Z') }).verdict).toBe('send');
  });

  test('with more than one fault has the first: format, key, age', () => {
    const planned = { format: 'json' as const, key: 'body.id', maxAge: '1m' };
    expect(selected(planned, { body: 'text' })).toMatchObject({ kind: 'unparsable', key: null });
    expect(selected(planned, { body: '{}' })).toMatchObject({ kind: 'key-missing' });
    expect(selected(planned, { body: '{"id":1}' })).toMatchObject({ kind: 'too-old', key: '1' });
  });

  test('that was released has the key that it was given, and its new age', () => {
    const attributes = { [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1~0123456789ab' } };
    const planned = { key: 'body.id', maxAge: '1h' };
    expect(selected(planned, { body: '{"id":"o-1"}', attributes })).toEqual({
      verdict: 'send',
      key: 'o-1~0123456789ab',
    });
  });
});
