import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { KEY_ATTRIBUTE } from '../../../shared/delivery/outgoing-message.ts';
import type { Identity } from './account.ts';

/** A queue whose messages are read and sorted by their key. */
export interface Inbox {
  readonly name: string;
  readonly arn: string;
  /** All messages that came. */
  all(): Promise<Message[]>;
  /** Those that came with a key, in their order. */
  under(key: string): Promise<Message[]>;
  close(): void;
}

export async function createInbox(
  owner: Identity,
  name: string,
  attributes: Record<string, string> = {},
): Promise<Inbox> {
  const sqs = new SQSClient(owner);
  const Attributes = { ...(name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}), ...attributes };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const { Attributes: found } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const arn = found?.QueueArn ?? '';
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));

  const messages: Message[] = [];
  async function all(): Promise<Message[]> {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return messages;
      messages.push(...Messages);
      // Deleted, so that a FIFO queue gives the next one of the group.
      for (const { ReceiptHandle } of Messages)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return {
    name,
    arn,
    all,
    async under(key) {
      return (await all()).filter(
        ({ MessageAttributes }) => MessageAttributes?.[KEY_ATTRIBUTE]?.StringValue === key,
      );
    },
    close: () => sqs.destroy(),
  };
}
