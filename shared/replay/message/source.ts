import type { OutgoingMessage } from '../../delivery/outgoing-message.ts';

/**
 * Where a message was before it became a dead letter: the name of the queue whose redrive moved it, or of the function, target
 * or schedule whose delivery failed. Null where neither SQS nor a wrapper tells.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export function sourceOf(message: Pick<OutgoingMessage, 'sourceArn' | 'wrapper'>): string | null {
  const arn = message.sourceArn ?? message.wrapper?.failedArn ?? null;
  return arn === null ? null : nameOf(arn);
}

/** `arn:aws:lambda:…:function:orders:live` is `orders`, `arn:aws:sqs:…:orders` too. */
function nameOf(arn: string): string {
  const [, functionName] = /:function:([^:]+)/.exec(arn) ?? [];
  return functionName ?? arn.slice(arn.lastIndexOf(':') + 1);
}
