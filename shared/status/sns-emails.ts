import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import type { ListEmails, Topic } from './channels.ts';

/**
 * The e-mail subscriptions of a deployment's topics. Instead of an ARN, one that nobody has confirmed has a word.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 */
export function snsEmails(sns: SNSClient, arns: Readonly<Record<Topic, string>>): ListEmails {
  return async (topic) => {
    const emails = [];
    for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: arns[topic] }))
      for (const { Protocol, Endpoint = '', SubscriptionArn } of page.Subscriptions ?? [])
        if (Protocol === 'email')
          emails.push({ address: Endpoint, confirmed: SubscriptionArn !== 'PendingConfirmation' });
    return emails;
  };
}
