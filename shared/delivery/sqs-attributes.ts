import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { OutgoingMessage } from './outgoing-message.ts';

/** Message attributes as SQS takes them: the types unchanged, with their labels (`Number.int`). */
export function sqsAttributes(
  attributes: OutgoingMessage['attributes'],
): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      { DataType: type, ...(typeof value === 'string' ? { StringValue: value } : { BinaryValue: value }) },
    ]),
  );
}
