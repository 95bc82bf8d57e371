import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { unheardAddresses } from '../../../shared/status/channels.ts';
import { snsEmails } from '../../../shared/status/sns-emails.ts';
import { planOf } from '../resources/plan-fixture.ts';

const sns = mockClient(SNSClient);
const list = snsEmails(new SNSClient({ region: 'us-east-1' }), { outcomes: 'arn:o', alarms: 'arn:a' });
const email = (Endpoint: string, SubscriptionArn: string) => ({
  Protocol: 'email',
  Endpoint,
  SubscriptionArn,
});
const plan = planOf({
  notifications: {
    oncall: { email: ['a@b.example', 'c@d.example'], on: ['failed'] },
    boss: { email: ['a@b.example'], on: ['alarm'] },
  },
});

beforeEach(() => sns.reset());

describe('who hears of a workload', () => {
  test('is all where everybody confirmed, on whatever page SNS lists them', async () => {
    const page = (topic: string, token?: string) =>
      sns.on(ListSubscriptionsByTopicCommand, { TopicArn: topic, ...(token ? { NextToken: token } : {}) });
    page('arn:o').resolves({ Subscriptions: [email('c@d.example', 'arn:o:1')], NextToken: 'more' });
    page('arn:o', 'more').resolves({ Subscriptions: [email('a@b.example', 'arn:o:2')] });
    page('arn:a').resolves({ Subscriptions: [email('a@b.example', 'arn:a:1')] });
    expect(await unheardAddresses(plan, list)).toEqual([]);
  });

  test('is not an address that is unconfirmed, nor one that SNS deleted, each with its next step', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:o' })
      .resolves({ Subscriptions: [email('a@b.example', 'PendingConfirmation')] })
      .on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:a' })
      .resolves({ Subscriptions: [{ ...email('a@b.example', 'arn:a:1'), Protocol: 'sqs' }] });
    expect(await unheardAddresses(plan, list)).toEqual([
      {
        topic: 'outcomes',
        address: 'a@b.example',
        problem: expect.stringMatching(/^not confirmed: open the link/),
      },
      {
        topic: 'outcomes',
        address: 'c@d.example',
        problem: expect.stringMatching(/take the address out of the plan/),
      },
      { topic: 'alarms', address: 'a@b.example', problem: expect.stringMatching(/^no longer subscribed/) },
    ]);
  });

  test('is not known of a topic that may not be asked, which does not hide the other', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:o' })
      .rejects(new Error('not authorized to perform: sns:ListSubscriptionsByTopic'))
      .on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:a' })
      .resolves({ Subscriptions: [email('a@b.example', 'arn:a:1')] });
    expect(await unheardAddresses(plan, list)).toEqual([
      { topic: 'outcomes', address: null, problem: expect.stringContaining('sns:ListSubscriptionsByTopic') },
    ]);
  });
});
