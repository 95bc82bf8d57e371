import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { sqsDestination } from '../../../shared/rehydration/sqs-destination.ts';
import { destinationContract } from '../../contract/destination.ts';
import { memoryLedger } from '../ledger/memory-ledger.ts';
import { virtualTimer } from '../replay/virtual-timer.ts';

const sqs = mockClient(SQSClient);

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs' });
});

const counters = (visible: number) => ({
  Attributes: {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
  },
});

/** A queue in memory, with the ledger in memory. */
async function create(queue: string) {
  const bodies: string[] = [];
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
    bodies.push(...Entries.map(({ MessageBody }: { MessageBody: string }) => MessageBody));
    return { Failed: [] };
  });
  sqs.on(GetQueueAttributesCommand).callsFake(() => counters(bodies.length));
  const clock = virtualTimer();
  const { ledgerOf, readKeyStatus } = memoryLedger(clock);
  let attempts = 0;
  return {
    open: () => {
      const ports = {
        sqs: new SQSClient({ region: 'eu-west-1' }),
        ledger: ledgerOf(`run-${++attempts}/attempt`),
        readKeyStatus,
        clock,
      };
      return sqsDestination(ports, { queue, rehydration: 'jobs' });
    },
    arrived: async () => bodies,
    empty: () => bodies.splice(0),
    clock,
  };
}

destinationContract('a queue in memory', () => create('jobs'));
destinationContract('a FIFO queue in memory', () => create('jobs.fifo'));

describe('a queue that lost what was sent to it', () => {
  const never = new AbortController().signal;
  const messages = [1, 2, 3].map((number) => ({ id: `jobs#${number}`, body: `body ${number}`, group: null }));
  const outcomes = async (place: Awaited<ReturnType<typeof create>>) =>
    (await (await place.open()).put(messages, never)).map(({ outcome }) => outcome);

  test('is given it again by the next run, once', async () => {
    const place = await create('jobs');
    expect(await outcomes(place)).toEqual(['sent', 'sent', 'sent']);
    place.empty();
    await place.clock.sleep(7 * 60_000);
    expect(await (await place.open()).known(messages)).toEqual([false, false, false]);
    expect(await outcomes(place)).toEqual(['sent', 'sent', 'sent']);
    expect(await place.arrived()).toHaveLength(3);
    await place.clock.sleep(7 * 60_000);
    expect(await outcomes(place)).toEqual(['already-sent', 'already-sent', 'already-sent']);
  });

  test('is not given it again within the minutes in which its counters may be wrong', async () => {
    const place = await create('jobs');
    await outcomes(place);
    place.empty();
    await place.clock.sleep(4 * 60_000);
    expect(await outcomes(place)).toEqual(['already-sent', 'already-sent', 'already-sent']);
  });

  test('is not given by a run what the same run sent before, however long that took', async () => {
    const place = await create('jobs');
    const run = await place.open();
    await run.put(messages, never);
    place.empty();
    await place.clock.sleep(20 * 60_000);
    const puts = await run.put(messages, never);
    expect(puts.map(({ outcome }) => outcome)).toEqual(['already-sent', 'already-sent', 'already-sent']);
  });

  test('in part is given nothing again: which part it lost cannot be told', async () => {
    const place = await create('jobs');
    await outcomes(place);
    (await place.arrived()).splice(0, 2);
    await place.clock.sleep(7 * 60_000);
    expect(await outcomes(place)).toEqual(['already-sent', 'already-sent', 'already-sent']);
  });
});
