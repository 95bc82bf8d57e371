import type { OutgoingHttpHeaders } from 'node:http';
import { parseBody } from '../message/parse-body.ts';

/**
 * The headers that tell a receiver what a body is. An SNS envelope comes as SNS sends it:
 * https://docs.aws.amazon.com/sns/latest/dg/http-header.html
 */
export function messageHeaders(body: string): OutgoingHttpHeaders {
  const { json, envelope } = parseBody(body);
  if (json === undefined) return { 'content-type': 'text/plain; charset=UTF-8', 'user-agent': 'Lifeboat' };
  if (envelope === null) return { 'content-type': 'application/json', 'user-agent': 'Lifeboat' };
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

/** An envelope does not name its subscription; the address to leave it does. */
function subscriptionOf(unsubscribe: string | undefined): string | null {
  return unsubscribe && URL.canParse(unsubscribe)
    ? new URL(unsubscribe).searchParams.get('SubscriptionArn')
    : null;
}

/** Anybody may have written the body: what is no id or ARN stays out of the header, and could otherwise end it. */
function field(name: string, value: string | null): OutgoingHttpHeaders {
  return value !== null && /^[\x21-\x7e]{1,2048}$/.test(value) ? { [name]: value } : {};
}
