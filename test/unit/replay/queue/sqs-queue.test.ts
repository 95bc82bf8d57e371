import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../../shared/replay/message/dead-letter.ts';
import { sqsQueue } from '../../../../shared/replay/queue/sqs-queue.ts';

const sqs = mockClient(SQSClient);
const open = () => sqsQueue(new SQSClient({ region: 'eu-west-1' }), 'dead-letters');

const receiptsOf = (count: number): Receipt[] =>
  Array.from({ length: count }, (_, index) => ({
    messageId: `message-${index}`,
    receiptHandle: `handle-${index}`,
  }));
const named = (name: string) => Object.assign(new Error('the reason'), { name });

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/dead-letters' });
});

describe('a queue on SQS', () => {
  test.each([
    [0, 0],
    [1, 1],
    [999, 1],
    [1_000, 1],
    [1_001, 2],
    [43_200_000, 43_200],
  ])('hides for %d ms as %d s, the only unit that SQS knows', async (milliseconds, seconds) => {
    sqs.on(ReceiveMessageCommand).resolves({});
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [], Failed: [] });
    const queue = await open();
    expect(await queue.receive({ max: 99, waitMs: 0, hiddenMs: milliseconds })).toEqual([]);
    await queue.hide(receiptsOf(1), milliseconds);
    expect(sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input).toMatchObject({
      MaxNumberOfMessages: 10,
      VisibilityTimeout: seconds,
    });
    expect(
      sqs.commandCalls(ChangeMessageVisibilityBatchCommand)[0]?.args[0].input.Entries?.[0],
    ).toMatchObject({ VisibilityTimeout: seconds });
  });

  test('deletes ten at a time, and tells of each that stays why', async () => {
    sqs
      .on(DeleteMessageBatchCommand)
      .callsFake(({ Entries }: { Entries: { Id: string; ReceiptHandle: string }[] }) => ({
        Successful: [],
        Failed: Entries.filter(({ ReceiptHandle }) => /-(3|24)$/.test(ReceiptHandle)).map(({ Id }) => ({
          Id,
          SenderFault: true,
          Code: 'ReceiptHandleIsInvalid',
          Message: 'expired',
        })),
      }));
    const messages = receiptsOf(25);
    const queue = await open();
    expect(await queue.delete(messages)).toEqual(
      [3, 24].map((index) => ({ receipt: messages[index], reason: 'ReceiptHandleIsInvalid: expired' })),
    );
    const sent = sqs.commandCalls(DeleteMessageBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(sent.map((entries) => entries.length)).toEqual([10, 10, 5]);
    expect(sent.flat().map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(
      messages.map(({ receiptHandle }) => receiptHandle),
    );
  });

  test('asks nothing of SQS about no messages', async () => {
    const queue = await open();
    expect([await queue.delete([]), await queue.hide([], 1_000)]).toEqual([[], []]);
    expect(sqs.calls()).toHaveLength(1);
  });

  test('throws where a whole call fails, once the others are done', async () => {
    let done = 0;
    sqs
      .on(DeleteMessageBatchCommand)
      .callsFake(async ({ Entries }: { Entries: { ReceiptHandle: string }[] }) => {
        if (Entries[0]?.ReceiptHandle === 'handle-0') throw named('RequestThrottled');
        await new Promise(setImmediate);
        done += 1;
        return { Successful: [], Failed: [] };
      });
    const queue = await open();
    await expect(queue.delete(receiptsOf(30))).rejects.toMatchObject({ name: 'RequestThrottled' });
    expect(done).toBe(2);
  });

  test.each(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'])(
    'is missing where SQS says %s, and it is said where it was looked for',
    async (name) => {
      const cause = named(name);
      sqs.on(GetQueueUrlCommand).rejects(cause);
      await expect(open()).rejects.toMatchObject({
        name: 'QueueMissing',
        message: expect.stringMatching(/"dead-letters" in Region eu-west-1.*correct/),
        cause,
      });
    },
  );

  test.each(['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied'])(
    'is forbidden where SQS says %s, and the action is named',
    async (name) => {
      const queue = await open();
      sqs.on(ReceiveMessageCommand).rejects(named(name));
      sqs.on(DeleteMessageBatchCommand).rejects(named(name));
      sqs.on(ChangeMessageVisibilityBatchCommand).rejects(named(name));
      sqs.on(GetQueueAttributesCommand).rejects(named(name));
      for (const [action, call] of [
        ['sqs:ReceiveMessage', () => queue.receive({ max: 1, waitMs: 0, hiddenMs: 0 })],
        ['sqs:DeleteMessage', () => queue.delete(receiptsOf(1))],
        ['sqs:ChangeMessageVisibility', () => queue.hide(receiptsOf(1), 0)],
        ['sqs:GetQueueAttributes', () => queue.inspect()],
      ] as const)
        await expect(call()).rejects.toMatchObject({
          name: 'QueueForbidden',
          message: expect.stringContaining(`the caller may not ${action} on queue "dead-letters"`),
        });
    },
  );
});
