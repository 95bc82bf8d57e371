import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { fifo } from '../../delivery/fifo.ts';
import { queueUrl } from '../../delivery/queue-address.ts';
import { sqsAttributes } from '../../delivery/sqs-attributes.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { ReleasedMessage } from './release.ts';

/** SQS refuses the message, and would refuse it again. */
export class MessageRefused extends LifeboatError {
  override readonly name = 'MessageRefused';
  override readonly kind = 'unsupported';
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors */
const REFUSALS = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidAttributeValue']);

/**
 * Puts messages on a queue as they were. On a FIFO queue a message keeps its group. Its deduplication id is made of its
 * release: the queue may still remember the id that it had, and would drop the message.
 *
 * @returns a function that sends one message, and answers SQS's id of it
 * @throws TargetMisconfigured where there is no such queue, or it may not be used
 */
export async function putBackOn(
  sqs: SQSClient,
  queue: string,
): Promise<(message: ReleasedMessage) => Promise<string>> {
  const QueueUrl = await queueUrl(sqs, queue);
  return async ({ body, attributes, groupId, release }) => {
    const sending = new SendMessageCommand({
      QueueUrl,
      MessageBody: body,
      MessageAttributes: sqsAttributes(attributes),
      ...(queue.endsWith('.fifo') ? fifo({ groupId, messageId: release }, release) : {}),
    });
    try {
      const { MessageId } = await sqs.send(sending);
      if (MessageId === undefined) throw new Error(`SQS took a message for queue "${queue}" and gave no id`);
      return MessageId;
    } catch (cause) {
      if (!(cause instanceof Error && REFUSALS.has(cause.name))) throw cause;
      throw new MessageRefused(
        `queue "${queue}" does not take the message with its key (${cause.name}: ${cause.message}): send it to the receiver by hand, as the quarantine shows it`,
        { cause },
      );
    }
  };
}
