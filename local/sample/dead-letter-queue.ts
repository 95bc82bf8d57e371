import { GetQueueUrlCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { replayOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import type { LocalAws } from '../start.ts';

/** The dead-letter queue of a local AWS, filled as by an outage. */
export interface FilledQueue {
  /** The topic whose events it contains. */
  readonly topicArn: string;
  /** Messages in it, including hidden ones. */
  depth(): Promise<number>;
  /** Puts messages into it. */
  fill(bodies: readonly string[]): Promise<void>;
}

const SENDERS = 4;
const BATCH = 10;

/** @param name the queue's name in the plan */
export async function openDeadLetterQueue(
  { region, accountId }: Pick<LocalAws, 'region' | 'accountId'>,
  { plan, clients: { sqs } }: { plan: Plan; clients: { sqs: SQSClient } },
  name: string,
): Promise<FilledQueue> {
  const { deadLetters, subscription } = replayOf(plan, name);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: deadLetters }));
  const queue = await sqsQueue(sqs, deadLetters);
  return {
    topicArn: `arn:aws:sns:${region}:${accountId}:${subscription?.topic ?? 'events'}`,
    async depth() {
      const { visible, inFlight, delayed } = await queue.inspect();
      return visible + inFlight + delayed;
    },
    async fill(bodies) {
      const limited = pLimit(SENDERS);
      const batches = Array.from({ length: Math.ceil(bodies.length / BATCH) }, (_, index) =>
        bodies.slice(index * BATCH, (index + 1) * BATCH),
      );
      await Promise.all(
        batches.map((batch) =>
          limited(async () => {
            const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
            const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
            if (Failed.length > 0) throw new Error(`the queue did not take ${JSON.stringify(Failed)}`);
          }),
        ),
      );
    },
  };
}
