import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Fault, Match } from '../../../local/gateway/disturbances.ts';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { systemClock } from '../../../shared/clock/clock.ts';
import { readKeyStatus } from '../../../shared/ledger/key-status.ts';
import { settleAccount } from '../../../shared/replay/account/settle-account.ts';
import { vaultQuarantine } from '../../../shared/replay/quarantine/vault-quarantine.ts';
import { inspect } from '../../../shared/replay/queue/inspect.ts';
import { sqsQueue } from '../../../shared/replay/queue/sqs-queue.ts';
import {
  type Drained,
  type DrainOrder,
  type DrainPorts,
  drain,
} from '../../../shared/replay/worker/drain.ts';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';
import { openAccount, type TestAccount } from './account.ts';
import { type Reaction, type Received, startReceiver } from './replay-receiver.ts';
import type { Hanging } from './replay-until.ts';
import { openWorker, orderOf, type Workplace } from './replay-worker.ts';
import { createJournalTable, createLedgerTable } from './tables.ts';
import { createVaultBucket } from './vault-bucket.ts';

/** For messages that no worker may lose, however busy the machine. */
export const LONG_LEASE_MS = 60_000;
/** For tests in which a dead worker's messages must return to the queue. */
export const SHORT_LEASE_MS = 6_000;
export const LONG_TIMEOUT_MS = 40_000;
export const LIMIT_MS = 180_000;

export let aws: TestAccount;
/** Each test has its own Region, so that its faults affect no other test. */
export let regions = 0;
export const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  aws = await openAccount();
});

afterAll(async () => {
  await Promise.all(undo.map((one) => one()));
  await aws?.stop();
});

export type Message = string | { readonly body: string; readonly group: string };

export interface Settings {
  readonly react?: (request: Received) => Reaction | Promise<Reaction>;
  readonly fifo?: boolean;
  readonly lease?: number;
  readonly timeout?: number;
}

/** A Region with a dead-letter queue, a receiver, and workers. */
export async function open(
  messages: readonly Message[],
  { react, fifo = false, lease = LONG_LEASE_MS, timeout = LONG_TIMEOUT_MS }: Settings = {},
) {
  const number = ++regions;
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  const account = { endpoint: aws.endpoint, region: `xx-test-${number}`, credentials };
  const dynamo: DynamoDBClient = dynamoClient(account);
  const sqs = new SQSClient(account);
  const s3 = new S3Client(account);
  const receiver = await startReceiver({ react });
  undo.push(async () => {
    dynamo.destroy();
    sqs.destroy();
    s3.destroy();
    await receiver.down();
  });
  const bucket = await createVaultBucket(s3, `vault-${number}`);
  await createLedgerTable(dynamo, 'ledger');
  await createJournalTable(dynamo, 'journal');
  const queue = `dead-${number}${fifo ? '.fifo' : ''}`;
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: queue, Attributes: fifo ? { FifoQueue: 'true' } : {} }),
  );
  const place: Workplace = { account, queue, bucket, webhook: receiver.url, timeout, lease };
  let run = `run-${number}`;
  let workers = 0;
  const newOwner = () => `${run}/1/${++workers}/${randomBytes(4).toString('hex')}`;

  async function put(more: readonly Message[]): Promise<void> {
    // As many bytes as one call accepts; a single message may also be that large.
    const entries = more.map((message, index): SendMessageBatchRequestEntry => {
      if (typeof message === 'string') return { Id: String(index), MessageBody: message };
      const { body: MessageBody, group: MessageGroupId } = message;
      return {
        Id: String(index),
        MessageBody,
        MessageGroupId,
        MessageDeduplicationId: randomBytes(8).toString('hex'),
      };
    });
    const small = entries.filter(({ MessageBody = '' }) => MessageBody.length < 10_000);
    const batches = [
      ...Array.from({ length: Math.ceil(small.length / 10) }, (_, at) => small.slice(at * 10, at * 10 + 10)),
      ...entries.filter((entry) => !small.includes(entry)).map((entry) => [entry]),
    ];
    for (const Entries of batches) {
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`the queue did not take ${JSON.stringify(Failed)}`);
    }
  }
  await put(messages);

  /** One worker in this process. */
  async function work(
    difference: Partial<DrainOrder> = {},
    change: (ports: DrainPorts) => DrainPorts = (ports) => ports,
  ): Promise<Drained> {
    const owner = newOwner();
    const { ports, close } = await openWorker(place, run, owner);
    try {
      return await drain(
        change(ports),
        orderOf(place, run, owner, difference),
        AbortSignal.timeout(LIMIT_MS),
      );
    } finally {
      await close();
    }
  }

  const inQueue = async () => (await sqsQueue(sqs, queue)).inspect();
  /** No message is hidden. */
  const visible = async () => (await inQueue()).visible;
  const left = async () => {
    const { visible, inFlight } = await inQueue();
    return visible + inFlight;
  };

  return {
    receiver,
    put,
    work,
    visible,
    left,
    sqs,
    dynamo,
    queueUrl: QueueUrl,
    /**
     * Runs workers one after the other until nothing is left:
     * messages of dead workers return when their leases end.
     */
    async workToTheEnd(): Promise<void> {
      while ((await left()) > 0) await work();
    },
    /** Another execution of the machine. */
    nextRun() {
      run = `${run}-again`;
    },
    disturb: (match: Match, fault: Fault, times?: number) =>
      aws.gateway.disturb({
        match: { ...match, region: account.region },
        fault,
        ...(times === undefined ? {} : { times }),
      }),
    /** Workers of all runs so far. */
    async settled() {
      const { ports, close } = await openWorker(place, run, 'nobody');
      const accounts = await ports.accounts.all();
      await close();
      return settleAccount(accounts);
    },
    /** A worker in its own process that hangs at some point and is then killed. @returns the keys received so far */
    async killWorker(after: Hanging['after'], times = 1): Promise<string[]> {
      const script = path.join(import.meta.dirname, 'replay-until.ts');
      const hanging: Hanging = { place, runId: run, owner: newOwner(), after, times };
      const child = spawn(process.execPath, [script, JSON.stringify(hanging)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      try {
        const [line] = await Promise.race([
          once(createInterface(child.stdout), 'line'),
          exited.then(() => Promise.reject(new Error(`the worker ended before it was ${after}`))),
        ]);
        return JSON.parse(line);
      } finally {
        child.kill('SIGKILL');
        await exited;
      }
    },
    inspect: async (difference: Partial<DrainOrder['rules']> = {}) =>
      inspect(
        {
          queue: await sqsQueue(sqs, queue),
          readKeyStatus: (wanted) =>
            readKeyStatus(dynamo, 'ledger', { scope: queue, clock: systemClock }, wanted),
          clock: systemClock,
        },
        { ...orderOf(place, run, '').rules, ...difference },
        { atMost: 1_000, signal: AbortSignal.timeout(LIMIT_MS) },
      ),
    quarantine: vaultQuarantine(s3Vault(s3, bucket, 'governance'), queue, 86_400_000, systemClock),
    async failover(holds: boolean): Promise<void> {
      const key = { key: { S: 'lock#failover' } };
      const Item = { ...key, owner: { S: 'failover-7' }, until: { N: String(Date.now() + LIMIT_MS) } };
      if (holds) await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item }));
      else await dynamo.send(new DeleteItemCommand({ TableName: 'ledger', Key: key }));
    },
  };
}

export type Open = Awaited<ReturnType<typeof open>>;

export const numbered = (count: number) => Array.from({ length: count }, (_, n) => JSON.stringify({ n }));
export const numberOf = (body: string): number => JSON.parse(body).n;
export const envelope = (id: string, difference: object = {}) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: id,
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
    Message: `line 1\nline 2 of "${id}" 🛟`,
    Timestamp: '2026-11-01T00:00:00.000Z',
    ...difference,
  });

/** Every message that a worker received has a disposition. */
export function adds({ account }: Drained) {
  const { received, delivered, duplicates, quarantined, returned } = account;
  expect(delivered + duplicates + quarantined + returned).toBe(received);
  return account;
}

/**
 * Each of this many messages took effect and was counted as delivered once.
 * Repeated effects do not exceed the count of unknown outcomes.
 */
export async function expectExact(it: Open, messages: number) {
  const { account, addsUp } = await it.settled();
  expect(addsUp).toBe(true);
  expect(account.delivered).toBe(messages);
  expect(it.receiver.effects.size).toBe(messages);
  expect(it.receiver.doubles()).toBeLessThanOrEqual(account.unknown);
  expect(await it.left()).toBe(0);
  return account;
}
