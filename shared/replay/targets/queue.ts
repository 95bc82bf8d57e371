import { SendMessageCommand, type SendMessageCommandInput, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock/clock.ts';
import { deliverByCall } from '../../delivery/aws-call.ts';
import { accepted, refused } from '../../delivery/delivery-outcome.ts';
import { fifo } from '../../delivery/fifo.ts';
import { MOST_ATTRIBUTES, TOO_MANY_ATTRIBUTES, withKey } from '../../delivery/key-attributes.ts';
import type { OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { queueUrl } from '../../delivery/queue-address.ts';
import { sqsAttributes } from '../../delivery/sqs-attributes.ts';
import type { Target } from '../../delivery/target.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors */
const REFUSALS = new Set([
  'EmptyValue',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'MissingParameter',
]);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageSystemAttributeValue.html */
function traceOf({ traceHeader }: OutgoingMessage): Pick<SendMessageCommandInput, 'MessageSystemAttributes'> {
  if (traceHeader === null) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } } };
}

/**
 * A standard queue takes a group too: it keeps it fair, and orders nothing.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
function groupOf(message: OutgoingMessage, key: string, queue: string) {
  if (queue.endsWith('.fifo')) return fifo(message, key);
  return message.groupId === null ? {} : { MessageGroupId: message.groupId };
}

/**
 * Sends to a queue: the unchanged body, all attributes, and the key as one more attribute. A FIFO queue also
 * receives the group, and a deduplication id that no other message has.
 *
 * @throws TargetMisconfigured if the queue does not exist or access is denied
 */
export async function queueTarget(sqs: SQSClient, name: string, clock: Clock): Promise<Target> {
  const QueueUrl = await queueUrl(sqs, name);
  const about = { action: 'sqs:SendMessage', on: `queue "${name}"`, refusals: REFUSALS };
  return {
    async deliver(message, key, signal) {
      const attributes = withKey(message.attributes, key, message);
      if (Object.keys(attributes).length > MOST_ATTRIBUTES) return refused(TOO_MANY_ATTRIBUTES);
      const command = new SendMessageCommand({
        QueueUrl,
        MessageBody: message.body,
        MessageAttributes: sqsAttributes(attributes),
        ...traceOf(message),
        ...groupOf(message, key, name),
      });
      return deliverByCall(about, { signal, clock }, async (abortSignal) => {
        await sqs.send(command, { abortSignal });
        return accepted;
      });
    },
    health: async () => null,
    close: async () => sqs.destroy(),
  };
}
