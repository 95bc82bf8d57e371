import type { OutgoingHttpHeaders } from 'node:http';
import type { MessageContent } from '../../delivery/outgoing-message.ts';

/**
 * Headers that tell a receiver the type of the body. An SNS envelope has the headers that SNS sends:
 * https://docs.aws.amazon.com/sns/latest/dg/http-header.html
 */
export function messageHeaders(content: MessageContent): OutgoingHttpHeaders {
  if (content.format === 'text')
    return { 'content-type': 'text/plain; charset=UTF-8', 'user-agent': 'Lifeboat' };
  if (content.format === 'json') return { 'content-type': 'application/json', 'user-agent': 'Lifeboat' };
  const { envelope } = content;
  const subscription = subscriptionOf(envelope.UnsubscribeURL);
  return {
    ...field('x-amz-sns-message-type', envelope.Type),
    ...field('x-amz-sns-message-id', envelope.MessageId),
    ...field('x-amz-sns-topic-arn', envelope.TopicArn),
    ...field('x-amz-sns-subscription-arn', subscription),
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
  };
}

/** An envelope does not name its subscription, but its unsubscribe address does. */
function subscriptionOf(unsubscribe: string | undefined): string | null {
  return unsubscribe && URL.canParse(unsubscribe)
    ? new URL(unsubscribe).searchParams.get('SubscriptionArn')
    : null;
}

/**
 * The body is untrusted. A value that is not an id or an ARN is left out, because it could end the header.
 */
function field(name: string, value: string | null): OutgoingHttpHeaders {
  return value !== null && /^[\x21-\x7e]{1,2048}$/.test(value) ? { [name]: value } : {};
}
