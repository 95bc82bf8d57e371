import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../clock/clock.ts';
import { deliverByCall } from '../../delivery/aws-call.ts';
import { accepted, refused } from '../../delivery/delivery-outcome.ts';
import { fifo } from '../../delivery/fifo.ts';
import { MOST_ATTRIBUTES, TOO_MANY_ATTRIBUTES, withKey } from '../../delivery/key-attributes.ts';
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

/**
 * Sends to a queue: the unchanged body, all attributes, and the key as one more attribute. A FIFO queue also
 * receives the group and the deduplication id.
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
        ...(name.endsWith('.fifo') ? fifo(message, key, clock.now()) : {}),
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
