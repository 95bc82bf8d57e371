import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Connection } from 'local-postgres/start-postgres';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { systemClock, type Timer } from '../../../shared/clock/clock.ts';
import { KEY_ATTRIBUTE } from '../../../shared/delivery/outgoing-message.ts';
import type { Destination } from '../../../shared/rehydration/destination.ts';
import { openDestination } from '../../../shared/rehydration/open-destination.ts';
import { redisDestination } from '../../../shared/rehydration/redis-destination.ts';
import { parseRedisSecret } from '../../../shared/rehydration/redis-secret.ts';
import {
  type Rehydrated,
  type RehydrationRequest,
  rehydrate,
} from '../../../shared/rehydration/rehydrate.ts';
import { type Redis, redisServer, startRedis } from './redis.ts';
import { accessOf, aws, never, newDatabase, run, silent, unique } from './servers.ts';
import { createLedgerTable } from './tables.ts';

export let dynamo: DynamoDBClient;
export let secrets: SecretsManagerClient;
export let sqs: SQSClient;
export let account: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};
export const undo: (() => unknown)[] = [];

beforeAll(async () => {
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  account = { endpoint: aws.endpoint, region: aws.region, credentials };
  dynamo = dynamoClient(account);
  secrets = new SecretsManagerClient(account);
  sqs = new SQSClient(account);
  await createLedgerTable(dynamo, 'ledger');
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => {
  dynamo?.destroy();
  secrets?.destroy();
  sqs?.destroy();
});

/** A destination for messages, and a way to read it. */
export interface Place {
  readonly rehydration: string;
  /** Opened anew by each attempt. */
  open(options?: { clock?: Timer; endpoint?: string }): Promise<Destination>;
  /** Returns all messages in order and empties the destination. */
  take(): Promise<Taken[]>;
}

export interface Taken {
  readonly body: string;
  readonly id?: string | undefined;
  readonly group?: string | undefined;
}

export async function newQueue(fifo: boolean): Promise<Place & { readonly queue: string }> {
  const rehydration = `campaigns-${unique()}`;
  const queue = `${rehydration}${fifo ? '.fifo' : ''}`;
  const Attributes = fifo ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes }));
  return {
    rehydration,
    queue,
    open: ({ clock = systemClock, endpoint = aws.endpoint } = {}) =>
      openDestination(
        { queue },
        { rehydration, runId: 'run', runStartedAt: new Date(), owner: `run/${unique()}` },
        { secrets, dynamo, ledgerTable: 'ledger', clock, account: { ...account, endpoint } },
      ),
    async take() {
      const taken: Taken[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['MessageGroupId'],
          }),
        );
        if (Messages.length === 0) return taken;
        for (const { Body = '', MessageAttributes = {}, Attributes = {} } of Messages)
          taken.push({
            body: Body,
            id: MessageAttributes[KEY_ATTRIBUTE]?.StringValue,
            group: Attributes.MessageGroupId,
          });
        await sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
          }),
        );
      }
    },
  };
}

export let redis: Redis;

export async function newList(
  list = `jobs-${unique()}`,
  server = redis,
): Promise<Place & { readonly list: string }> {
  return {
    rehydration: 'campaigns',
    list,
    open: () =>
      redisDestination(parseRedisSecret('redis', JSON.stringify({ url: server.url })), list, {
        since: new Date(),
        clock: systemClock,
      }),
    async take() {
      const bodies = (await server.command('LRANGE', list, '0', '-1')) as string[];
      await server.command('DEL', list);
      return bodies.map((body) => ({ body }));
    },
  };
}

/** A database whose table `jobs` has this many rows. */
export async function jobs(count: number): Promise<Connection> {
  const database = await newDatabase();
  await run(
    database,
    'CREATE TABLE jobs (id int PRIMARY KEY, payload text)',
    `INSERT INTO jobs SELECT n, 'job ' || n FROM generate_series(1, ${count}) n`,
  );
  return database;
}

export const JOBS = `SELECT id AS key, payload AS body, 'g' || id % 7 AS "group" FROM jobs ORDER BY id`;

export async function fill(
  place: Place,
  database: Connection,
  {
    sql = JOBS,
    destination,
    ...difference
  }: Partial<RehydrationRequest> & { destination?: Destination } = {},
): Promise<Rehydrated> {
  const opened = destination ?? (await place.open());
  try {
    return await rehydrate(
      { destination: opened, progress: silent },
      {
        rehydration: place.rehydration,
        access: accessOf(database),
        sql,
        dryRun: false,
        signal: never,
        ...difference,
      },
    );
  } finally {
    await opened.close();
  }
}

export const bodies = (taken: readonly Taken[]) => taken.map(({ body }) => body);
export const sorted = (texts: readonly string[]) => [...texts].sort();
export const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
export const NOTHING = { sent: 0, alreadySent: 0, unknown: 0 };

export async function ledgerRecords(scope: string): Promise<number> {
  const { Count = 0 } = await dynamo.send(
    new ScanCommand({
      TableName: 'ledger',
      FilterExpression: 'begins_with(#key, :scope)',
      ExpressionAttributeNames: { '#key': 'key' },
      ExpressionAttributeValues: { ':scope': { S: `rehydration:${scope}#` } },
    }),
  );
  return Count;
}

beforeAll(async () => {
  if (redisServer !== null) redis = await startRedis();
});
afterAll(() => redis?.stop());
