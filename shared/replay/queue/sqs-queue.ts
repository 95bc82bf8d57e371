import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  paginateListDeadLetterSourceQueues,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { classifyServiceError, wordsOf } from '../../aws/service-error.ts';
import { type MessageAttribute, SOURCE_ATTRIBUTE } from '../../delivery/outgoing-message.ts';
import { type Receipt, type ReceivedMessage, receivedMessage } from '../message/dead-letter.ts';
import { type DeadLetterQueue, type NotDone, QueueForbidden, QueueMissing } from './dead-letter-queue.ts';

/** Entries in one call. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;

/**
 * A dead-letter queue on SQS. Its URL is looked up once.
 *
 * @throws QueueMissing, QueueForbidden
 */
export async function sqsQueue(client: SQSClient, name: string): Promise<DeadLetterQueue> {
  const region = await client.config.region();
  const ask = async <T>(action: string, calling: Promise<T>): Promise<T> => {
    try {
      return await calling;
    } catch (cause) {
      throw namedAfter(cause, { name, region, action });
    }
  };
  const { QueueUrl } = await ask('sqs:GetQueueUrl', client.send(new GetQueueUrlCommand({ QueueName: name })));

  /** Makes the call for ten messages at a time. Waits for all calls, even when one fails. */
  async function inBatches(
    action: string,
    receipts: readonly Receipt[],
    call: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<{
      Failed?:
        | { Id: string | undefined; Code: string | undefined; Message?: string | undefined }[]
        | undefined;
    }>,
  ): Promise<NotDone[]> {
    const batches = Array.from({ length: Math.ceil(receipts.length / BATCH) }, (_, index) =>
      receipts.slice(index * BATCH, (index + 1) * BATCH),
    );
    const outcomes = await Promise.allSettled(
      batches.map(async (batch) => {
        const entries = batch.map(({ receiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
        }));
        const { Failed = [] } = await ask(action, call(entries));
        return Failed.flatMap(({ Id, Code, Message }) => {
          const receipt = batch[Number(Id)];
          return receipt ? [{ receipt, reason: Message ? `${Code}: ${Message}` : String(Code) }] : [];
        });
      }),
    );
    return outcomes.flatMap((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }

  return {
    async receive({ max, waitMs, hiddenMs, signal }) {
      const receiving = ask(
        'sqs:ReceiveMessage',
        client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: Math.min(max, BATCH),
            WaitTimeSeconds: seconds(waitMs),
            VisibilityTimeout: seconds(hiddenMs),
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: [
              'SentTimestamp',
              'ApproximateReceiveCount',
              'MessageGroupId',
              'MessageDeduplicationId',
              'DeadLetterQueueSourceArn',
              'AWSTraceHeader',
              'SenderId',
              'ApproximateFirstReceiveTimestamp',
            ],
          }),
          signal ? { abortSignal: signal } : {},
        ),
      );
      const { Messages = [] } = await receiving.catch((error) => {
        signal?.throwIfAborted(); // its reason, where the SDK throws an AbortError of its own
        throw error;
      });
      return Messages.map(received);
    },

    delete: (receipts) =>
      inBatches('sqs:DeleteMessage', receipts, (Entries) =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
      ),

    hide: (receipts, milliseconds) =>
      inBatches('sqs:ChangeMessageVisibility', receipts, (entries) =>
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds(milliseconds) })),
          }),
        ),
      ),

    async inspect() {
      const { Attributes = {} } = await ask(
        'sqs:GetQueueAttributes',
        client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
      );
      return {
        visible: Number(Attributes.ApproximateNumberOfMessages),
        inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
        retention: Number(Attributes.MessageRetentionPeriod) * 1000,
        fifo: Attributes.FifoQueue === 'true',
      };
    },

    async sources() {
      const pages = paginateListDeadLetterSourceQueues({ client }, { QueueUrl });
      const names: string[] = [];
      const read = async () => {
        for await (const { queueUrls = [] } of pages)
          names.push(...queueUrls.map((url) => url.slice(url.lastIndexOf('/') + 1)));
      };
      await ask('sqs:ListDeadLetterSourceQueues', read());
      return names.sort();
    },
  };
}

/** SQS counts in whole seconds. Rounding down would show a message too early. */
function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function received(message: Message): ReceivedMessage {
  const { MessageId, ReceiptHandle, Body, Attributes = {}, MessageAttributes = {} } = message;
  if (MessageId === undefined || ReceiptHandle === undefined || Attributes.SentTimestamp === undefined)
    throw new Error('SQS gave a message without id, receipt handle or time');
  const { [SOURCE_ATTRIBUTE]: releasedFrom, ...rest } = MessageAttributes;
  const own = Object.entries(rest);
  const first = Attributes.ApproximateFirstReceiveTimestamp;
  return receivedMessage({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body ?? '',
    attributes: Object.fromEntries(
      own.map(([name, { DataType = 'String', StringValue, BinaryValue }]) => {
        const attribute: MessageAttribute = { type: DataType, value: BinaryValue ?? StringValue ?? '' };
        return [name, attribute];
      }),
    ),
    sentAt: new Date(Number(Attributes.SentTimestamp)),
    receiveCount: Number(Attributes.ApproximateReceiveCount ?? 1),
    groupId: Attributes.MessageGroupId ?? null,
    deduplicationId: Attributes.MessageDeduplicationId ?? null,
    sourceArn: Attributes.DeadLetterQueueSourceArn ?? releasedFrom?.StringValue ?? null,
    traceHeader: Attributes.AWSTraceHeader ?? null,
    senderId: Attributes.SenderId ?? null,
    firstReceivedAt: first === undefined ? null : new Date(Number(first)),
  });
}

function namedAfter(
  cause: unknown,
  { name, region, action }: { name: string; region: string; action: string },
): unknown {
  const kind = classifyServiceError(cause);
  if (kind === 'missing')
    return new QueueMissing(
      `there is no queue "${name}" in Region ${region} of this account: correct its name in the plan, or the Region`,
      { cause },
    );
  if (kind === 'forbidden')
    return new QueueForbidden(
      `the caller may not ${action} on queue "${name}" in Region ${region}: allow it in its role, in the queue's policy and for the queue's key (${wordsOf(cause)})`,
      { cause },
    );
  return cause;
}
