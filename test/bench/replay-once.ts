import http from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoLedger } from '../../shared/ledger/dynamo-ledger.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import { bodyHash } from '../../shared/replay/message/body-hash.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../shared/replay/queue/dead-letter-queue.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { webhookTarget } from '../../shared/replay/targets/webhook.ts';
import { drain } from '../../shared/replay/worker/drain.ts';
import { sendMany } from '../../shared/replay/worker/sending-policy.ts';

/**
 * Empties a queue once, in a process of its own, and prints what it cost as JSON. Reads the order as JSON from its standard
 * input.
 *
 * `lifeboat`: a worker as it is deployed. `plain`: what one writes in an hour, receive, POST and delete, and no idempotency.
 * `servers`: the worker's own calls of SQS and DynamoDB and nothing between them, which is what these allow at most.
 */
export interface Order {
  readonly way: 'lifeboat' | 'plain' | 'servers';
  readonly socketPath: string;
  readonly region: string;
  readonly accountId: string;
  readonly queue: string;
  readonly ledger: string;
  readonly journal: string;
  readonly webhook: string;
  readonly inFlight: number;
  readonly messages: number;
}

export interface Cost {
  /** From the first call to the last delete. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  /** Of AWS, by name. */
  readonly calls: Readonly<Record<string, number>>;
  readonly deleted: number;
}

const DAY = 86_400_000;

let text = '';
for await (const chunk of process.stdin) text += chunk;
const order: Order = JSON.parse(text);

const calls: Record<string, number> = {};
const settings = {
  region: order.region,
  endpoint: 'http://localhost',
  credentials: { accessKeyId: order.accountId, secretAccessKey: 'test' },
  requestHandler: {
    httpAgent: new http.Agent({
      keepAlive: true,
      maxSockets: 50,
      socketPath: order.socketPath,
    } as http.AgentOptions),
  },
};
const sqs = new SQSClient(settings);
const dynamo = new DynamoDBClient(settings);
countCalls(sqs);
countCalls(dynamo);

let deleted = 0;
let lastDelete = 0;
const queue = timeDeletes(await sqsQueue(sqs, order.queue));
const owner = `bench/1/0/${process.pid}`;
const ledger = dynamoLedger(dynamo, order.ledger, {
  scope: order.queue,
  owner,
  runId: 'bench',
  retention: 15 * DAY,
  clock: systemClock,
});

const start = performance.now();
const before = process.resourceUsage();
await { lifeboat, plain, servers }[order.way]();
const after = process.resourceUsage();
const cost: Cost = {
  seconds: (lastDelete - start) / 1_000,
  cpuSeconds: (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6,
  peakMiB: after.maxRSS / 1024,
  calls,
  deleted,
};
console.log(JSON.stringify(cost));
sqs.destroy();
dynamo.destroy();

async function lifeboat(): Promise<void> {
  const clock = systemClock;
  const target = webhookTarget(
    { url: new URL(order.webhook), headers: {}, certificateAuthority: null },
    { secret: 'bench', timeout: 10_000, health: null, inFlight: order.inFlight },
    clock,
  );
  const { account, ended, reason } = await drain(
    {
      queue,
      ledger,
      target,
      quarantine: {
        keep: async () => {
          throw new Error('nothing here is poison');
        },
      },
      alreadyApplied: null,
      accounts: accountStore(dynamo, order.journal, { workload: 'bench', runId: 'bench', clock }),
      locks: dynamoLocks(dynamo, order.ledger, clock),
      clock,
    },
    {
      runId: 'bench',
      owner,
      rules: { format: 'any', key: null, filters: [], maxAge: null, sendsRecords: false, sources: undefined },
      rate: 100_000,
      policy: sendMany({ inFlight: order.inFlight, max: null }),
      leaseMs: 30_000,
      until: new Date(Date.now() + 10 * 60_000),
      failureRatio: 0.5,
    },
    new AbortController().signal,
  );
  await target.close();
  if (account.delivered !== order.messages)
    throw new Error(`${ended}: ${reason}: ${JSON.stringify(account)}`);
}

async function plain(): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: order.inFlight });
  const slots = pLimit(order.inFlight);
  const lane = async () => {
    while (deleted < order.messages) {
      const received = await queue.receive({ max: 10, waitMs: 0, hiddenMs: 30_000 });
      await Promise.all(received.map(({ message }) => slots(() => post(agent, message.body))));
      await queue.delete(received.map(({ message }) => message));
    }
  };
  await Promise.all(Array.from({ length: lanes() }, lane));
  agent.destroy();
}

function post(agent: http.Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(order.webhook, { agent, method: 'POST' }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function servers(): Promise<void> {
  let batch = 0;
  const lane = async () => {
    while (deleted < order.messages) {
      const received = await Promise.all(
        [10, 10, 5].map((max) => queue.receive({ max, waitMs: 0, hiddenMs: 30_000 })),
      );
      const messages = received.flat().map(({ message }) => message);
      if (messages.length > 0) await settle(ledger, messages, ++batch);
      await queue.delete(messages);
    }
  };
  await Promise.all(Array.from({ length: lanes() }, lane));
}

async function settle(ledger: Ledger, messages: readonly DeadLetter[], batch: number): Promise<void> {
  const wanted = messages.map((message) => ({
    key: JSON.parse(message.body).MessageId as string,
    bodyHash: bodyHash(message),
    messageId: message.messageId,
  }));
  await ledger.claim(wanted, new Date(Date.now() + 30_000));
  await ledger.settle(wanted.map(({ key, messageId }) => ({ key, messageId, as: 'delivered', batch })));
}

function countCalls(client: { readonly middlewareStack: unknown }): void {
  const stack = client.middlewareStack as SQSClient['middlewareStack'];
  stack.add(
    (next, context) => (args) => {
      const name = String(context.commandName).replace(/Command$/, '');
      calls[name] = (calls[name] ?? 0) + 1;
      return next(args);
    },
    { step: 'initialize' },
  );
}

/** As many batches at the same time as keep the deliveries busy. */
function lanes(): number {
  return Math.ceil(order.inFlight / 10) + 1;
}

function timeDeletes(queue: DeadLetterQueue): DeadLetterQueue {
  return {
    ...queue,
    async delete(messages) {
      const failed = await queue.delete(messages);
      deleted += messages.length - failed.length;
      if (messages.length > 0) lastDelete = performance.now();
      return failed;
    },
  };
}
