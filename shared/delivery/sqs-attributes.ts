import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../replay/message/dead-letter.ts';

/** Message attributes as SQS is told of them: the types as they are, with their labels (`Number.int`). */
export function sqsAttributes(attributes: DeadLetter['attributes']): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      { DataType: type, ...(typeof value === 'string' ? { StringValue: value } : { BinaryValue: value }) },
    ]),
  );
}
