import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import { targetsOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { Replay } from '../../shared/plan/sections/replays.ts';

/** SQS's maximum, used for dead-letter queues: fourteen days. */
const RETENTION_SECONDS = 14 * 86_400;

/**
 * Creates the queues and topics that the plan expects to exist: dead-letter queues, to which their topic may send; the
 * queues and topics that receive messages; and the queues of rehydrations. A name ending in `.fifo` creates a
 * FIFO queue or topic. A name used by several entries is created once.
 */
export async function createPlanQueues(
  { sqs, sns }: { readonly sqs: SQSClient; readonly sns: SNSClient },
  { replays, rehydrations }: Plan,
): Promise<void> {
  const all = Object.values(replays);
  const topics = unique(all.flatMap(topicsOf));
  const arns = new Map(
    await Promise.all(topics.map(async (name) => [name, await createTopic(sns, name)] as const)),
  );
  const senders = new Map(
    all.map(({ deadLetters, subscription }) => [deadLetters, subscription && arns.get(subscription.topic)]),
  );
  const others = [
    ...all.flatMap(targetsOf).flatMap((target) => ('queue' in target ? [target.queue] : [])),
    ...Object.values(rehydrations).flatMap(({ into }) => ('queue' in into ? [into.queue] : [])),
  ];
  await Promise.all(
    unique([...senders.keys(), ...others]).map((name) => createQueue(sqs, name, senders.get(name))),
  );
}

function topicsOf({ subscription, ...replay }: Replay): string[] {
  const topics = targetsOf(replay).flatMap((target) => ('topic' in target ? [target.topic] : []));
  return [...topics, ...(subscription ? [subscription.topic] : [])];
}

async function createTopic(sns: SNSClient, Name: string): Promise<string> {
  const Attributes = Name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name, Attributes }));
  return TopicArn;
}

async function createQueue(sqs: SQSClient, QueueName: string, sender: string | undefined): Promise<void> {
  const Attributes: Partial<Record<QueueAttributeName, string>> = {
    MessageRetentionPeriod: String(RETENTION_SECONDS),
    ...(QueueName.endsWith('.fifo') && { FifoQueue: 'true' }),
    ...(sender && { Policy: JSON.stringify(sendersPolicy(sender)) }),
  };
  await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html */
function sendersPolicy(topic: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*', // the queue that the policy belongs to
        Condition: { ArnEquals: { 'aws:SourceArn': topic } },
      },
    ],
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
