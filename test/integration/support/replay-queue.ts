import { GetQueueUrlCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import type { DeadLetterQueue, QueueState } from '../../../shared/replay/queue/dead-letter-queue.ts';
import { sqsQueue } from '../../../shared/replay/queue/sqs-queue.ts';

/** A dead-letter queue for tests that fill and inspect it. */
export interface FilledQueue {
  put(bodies: readonly string[]): Promise<void>;
  /** Messages in it, including hidden ones. */
  left(): Promise<number>;
  visible(): Promise<number>;
}

const BATCH = 10;
const SENDERS = 4;

export async function openQueue(sqs: SQSClient, name: string): Promise<FilledQueue> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const queue: DeadLetterQueue = await sqsQueue(sqs, name);
  const limited = pLimit(SENDERS);
  return {
    async put(bodies) {
      const batches = Array.from({ length: Math.ceil(bodies.length / BATCH) }, (_, index) =>
        bodies.slice(index * BATCH, (index + 1) * BATCH),
      );
      const send = async (batch: readonly string[]) => {
        const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        if (Failed.length > 0) throw new Error(`the queue did not take ${JSON.stringify(Failed)}`);
      };
      await Promise.all(batches.map((batch) => limited(() => send(batch))));
    },
    async left() {
      const { visible, inFlight, delayed }: QueueState = await queue.inspect();
      return visible + inFlight + delayed;
    },
    visible: async () => (await queue.inspect()).visible,
  };
}
