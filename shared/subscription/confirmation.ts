import * as z from 'zod';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * One line of printable text. SNS signs the values in sequence, so no value may look like the end of one and
 * the start of the next.
 */
const line = z.string().regex(/^[\x21-\x7e]{1,4096}$/);

/**
 * The message that SNS sends to a newly subscribed endpoint, asking it to confirm.
 * https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
 */
const Confirmation = z.object({
  Type: z.literal('SubscriptionConfirmation'),
  MessageId: line,
  Token: line,
  TopicArn: line,
  Message: z.string(),
  SubscribeURL: line,
  Timestamp: line,
  SignatureVersion: z.enum(['1', '2']),
  Signature: line,
  SigningCertURL: line,
});
export type Confirmation = z.output<typeof Confirmation>;

/** SNS did not send this message for a topic of the plan. Nothing was confirmed. */
export class ConfirmationUntrusted extends LifeboatError {
  override readonly name = 'ConfirmationUntrusted';
  override readonly kind = 'usage';
  constructor(what: string, options?: ErrorOptions) {
    super(`nothing was confirmed: ${what}`, options);
  }
}

/**
 * Parses a received message without trusting it.
 *
 * @param topics ARNs of the plan's topics
 * @throws ConfirmationUntrusted
 */
export function readConfirmation(text: string, topics: ReadonlySet<string>): Confirmation {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfirmationUntrusted('the message is no JSON', { cause });
  }
  const type = z.object({ Type: z.string() }).safeParse(json).data?.Type;
  if (type === 'UnsubscribeConfirmation')
    throw new ConfirmationUntrusted(
      'the message says that an endpoint was unsubscribed. A replay finds that by itself, and subscribes it again',
    );
  const confirmation = Confirmation.safeParse(json);
  if (!confirmation.success)
    throw new ConfirmationUntrusted(
      `the message is no SubscriptionConfirmation of SNS: ${z.prettifyError(confirmation.error)}`,
    );
  const { TopicArn } = confirmation.data;
  if (!topics.has(TopicArn))
    throw new ConfirmationUntrusted(
      `it is for the topic ${TopicArn}, and the plan looks after ${[...topics].join(', ') || 'none'}`,
    );
  return confirmation.data;
}

/**
 * The only host that serves SNS's certificates in the Region of a topic.
 * https://docs.aws.amazon.com/general/latest/gr/sns.html
 */
export function certificateHostOf(topicArn: string): string {
  const [, partition, , region] = topicArn.split(':');
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}
