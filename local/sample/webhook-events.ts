import { createHash } from 'node:crypto';

/** What MailBlast learns about one message: the kinds that SES publishes, and their names in `email_events`. */
export const EVENT_TYPES: Readonly<Record<string, string>> = {
  Send: 'sent',
  Delivery: 'delivered',
  Open: 'open',
  Click: 'click',
  Bounce: 'bounce',
  Complaint: 'complaint',
};

/** Responses of mail servers. Bodies that break a shell loop: several lines, quotes, a backslash, an emoji. */
const SMTP_RESPONSES = [
  '250 2.0.0 OK',
  '550-5.1.1 The address that you tried to reach\n550 5.1.1 does not exist',
  '421 4.7.0 "try again later", said C:\\mail',
  '250 2.0.0 Danke schön 📬',
];

/**
 * The event with this number, as SNS would have delivered it to the webhook. The same number gives the same event and
 * MessageId. It refers to the first campaigns and contacts, which exist at every scale of the sample.
 *
 * Formats: https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function webhookEvent(number: number, { topicArn, at }: { topicArn: string; at: Date }): string {
  const types = Object.keys(EVENT_TYPES);
  const eventType = types[number % types.length] ?? 'Delivery';
  const timestamp = at.toISOString();
  const smtpResponse = SMTP_RESPONSES[number % SMTP_RESPONSES.length];
  const event = {
    eventType,
    mail: {
      timestamp,
      messageId: uuid(`mail ${number}`),
      tags: { campaign_id: [String(1 + (number % 10))], contact_id: [String(1 + (number % 50))] },
    },
    [eventType.toLowerCase()]: { timestamp, smtpResponse },
  };
  return JSON.stringify({
    Type: 'Notification',
    MessageId: uuid(`event ${number}`),
    TopicArn: topicArn,
    Message: JSON.stringify(event),
    Timestamp: timestamp,
    SignatureVersion: '1',
    Signature: 'none: the sample has no key of SNS',
    SigningCertURL: 'https://sns.us-east-1.amazonaws.com/none.pem',
    UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${topicArn}:sample`,
  });
}

/** The MessageId of the event with this number. */
export function messageIdOf(number: number): string {
  return uuid(`event ${number}`);
}

function uuid(seed: string): string {
  const hex = createHash('md5').update(seed).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
