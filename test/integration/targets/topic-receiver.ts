import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { openTarget } from '../../../shared/replay/targets/open-target.ts';
import type { Receiver } from '../../contract/target.ts';
import type { TestAccount } from '../support/account.ts';
import type { Identity } from './account.ts';
import { clock } from './clock.ts';
import { nextCall } from './gateway-faults.ts';
import type { Inbox } from './inbox.ts';

/** A topic of the local SNS, and two queues that are subscribed to it: one to messages as they are, one to envelopes. */
export async function topicReceiver(
  aws: TestAccount,
  { owner, stranger }: { owner: Identity; stranger: Identity },
  { name, deadLetters, raw, enveloped }: { name: string; deadLetters: string; raw: Inbox; enveloped?: Inbox },
): Promise<Receiver> {
  const sns = new SNSClient(owner);
  const Attributes = name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name, Attributes }));
  const subscribe = (inbox: Inbox, RawMessageDelivery: string) =>
    sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: inbox.arn,
        Attributes: { RawMessageDelivery },
      }),
    );
  await subscribe(raw, 'true');
  if (enveloped) await subscribe(enveloped, 'false');
  sns.destroy();

  const openAs = (account: Identity, topic = name) =>
    openTarget(
      { topic },
      { deadLetters, inFlight: 12, place: 'replays.tested.as' },
      { secrets: new SecretsManagerClient(account), clock, account },
    );
  return {
    open: () => openAs(owner),
    unusable: 'TargetMisconfigured',
    openMissing: () => openAs(owner, 'nowhere'),
    openForbidden: () => openAs(stranger),
    arrived: async (key) => (await raw.under(key)).map(({ Body = '' }) => Body),
    next: (fault) => nextCall(aws, 'sns:Publish', fault),
    refusable: () => ({ body: 'x'.repeat(256 * 1024 + 1) }),
    largest: 255 * 1024, // the key comes on top
    retryAfter: null,
    secret: /order|receipt/, // of the message
  };
}
