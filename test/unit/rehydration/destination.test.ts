import { GetQueueUrlCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { sqsDestination } from '../../../shared/rehydration/sqs-destination.ts';
import { destinationContract } from '../../contract/destination.ts';
import { memoryLedger } from '../ledger/memory-ledger.ts';
import { virtualTimer } from '../replay/virtual-timer.ts';

const sqs = mockClient(SQSClient);

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs' });
});

/** A queue in memory, with the ledger in memory. */
async function create(queue: string) {
  const bodies: string[] = [];
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
    bodies.push(...Entries.map(({ MessageBody }: { MessageBody: string }) => MessageBody));
    return { Failed: [] };
  });
  const clock = virtualTimer();
  const { ledgerOf, readKeyStatus } = memoryLedger(clock);
  let attempts = 0;
  return {
    open: () => {
      const ports = {
        sqs: new SQSClient({ region: 'eu-west-1' }),
        ledger: ledgerOf(`attempt-${++attempts}`),
        readKeyStatus,
        clock,
      };
      return sqsDestination(ports, { queue, rehydration: 'jobs' });
    },
    arrived: async () => bodies,
  };
}

destinationContract('a queue in memory', () => create('jobs'));
destinationContract('a FIFO queue in memory', () => create('jobs.fifo'));
