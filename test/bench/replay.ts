import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { clientsFor, environmentOf } from '../../local/account.ts';
import { unixUpstream } from '../../local/gateway/forward.ts';
import { startGateway } from '../../local/gateway/start-gateway.ts';
import { socketIn, startMiniStack } from '../../local/ministack/start-ministack.ts';
import { ensurePython } from '../../local/python/ensure-python.ts';
import { startRun } from '../../local/runs.ts';
import { type Figure, median } from './figure.ts';
import type { Cost, Order } from './replay-once.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const IN_FLIGHT = 50;

/** What the document's script takes from the queue at a time, and how often it is run here. */
const SCRIPT_RUNS = 5;
const SCRIPT_BATCH = 10;

type Clients = { sqs: SQSClient; dynamo: DynamoDBClient };

/**
 * A worker's deliveries against the shell loop of MailBlast's document, against a plain loop without idempotency, and
 * against what the servers allow, in turns, all on the same local SQS, DynamoDB and webhook. Every program is a process of
 * its own.
 *
 * The shell loop needs `aws`, `jq` and `curl` on PATH, and is left out with a word where they are missing.
 */
export async function benchReplay({
  messages,
  rounds,
}: {
  messages: number;
  rounds: number;
}): Promise<Figure[]> {
  const bench = await startReplayBench();
  const { webhooks } = bench;
  const once = (way: Order['way'], webhook: string) => bench.empty(way, messages, webhook);
  try {
    const costs: Record<'ours' | 'plain' | 'servers' | 'oursSlow' | 'plainSlow', Cost[]> = {
      ours: [],
      plain: [],
      servers: [],
      oursSlow: [],
      plainSlow: [],
    };
    const script: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`round ${round} of ${rounds} …\n`);
      costs.servers.push(await once('servers', webhooks.fast));
      costs.ours.push(await once('lifeboat', webhooks.fast));
      costs.plain.push(await once('plain', webhooks.fast));
      costs.oursSlow.push(await once('lifeboat', webhooks.slow));
      costs.plainSlow.push(await once('plain', webhooks.slow));
      const rate = await shellLoop(bench.clients, bench.environment, webhooks.fast);
      if (rate !== null) script.push(rate);
    }
    const rateOf = (list: readonly Cost[]) => median(list.map(({ seconds }) => messages / seconds));
    const of = (list: readonly Cost[], figure: (cost: Cost) => number) => median(list.map(figure));
    const calls = (cost: Cost) =>
      (Object.values(cost.calls).reduce((sum, count) => sum + count, 0) / messages) * 1_000;
    return [
      {
        what: "messages a second (the document's shell loop)",
        ours: rateOf(costs.ours),
        theirs: script.length > 0 ? median(script) : null,
        better: 'more',
      },
      {
        what: 'messages a second (what the servers allow: the same calls, no webhook)',
        ours: rateOf(costs.ours),
        theirs: rateOf(costs.servers),
        better: 'more',
      },
      {
        what: 'messages a second (a plain loop without idempotency)',
        ours: rateOf(costs.ours),
        theirs: rateOf(costs.plain),
        better: 'more',
      },
      {
        what: `messages a second at a webhook of 50 ms, ${IN_FLIGHT} in flight (a plain loop without idempotency)`,
        ours: rateOf(costs.oursSlow),
        theirs: rateOf(costs.plainSlow),
        better: 'more',
      },
      {
        what: 'calls of AWS for 1,000 messages, idempotency included (a plain loop without it)',
        ours: of(costs.ours, calls),
        theirs: of(costs.plain, calls),
        better: 'less',
      },
      {
        what: 'CPU seconds for 1,000 messages (a plain loop without idempotency)',
        ours: of(costs.ours, ({ cpuSeconds }) => (cpuSeconds / messages) * 1_000),
        theirs: of(costs.plain, ({ cpuSeconds }) => (cpuSeconds / messages) * 1_000),
        better: 'less',
      },
    ];
  } finally {
    await bench.stop();
  }
}

/** The local SQS and DynamoDB, webhooks, and a way to fill a queue and have it emptied. */
export async function startReplayBench() {
  const run = await startRun();
  const webhooks = await startWebhooks();
  const stop = async () => {
    webhooks.close();
    await run.stop();
  };
  try {
    const gateway = await startGateway(unixUpstream(socketIn(run.folder)));
    run.onStop(gateway.stop);
    const python = await ensurePython('ministack', () => {});
    const { socketPath } = await startMiniStack(run, {
      python,
      gatewayPort: gateway.port,
      region: REGION,
      waitScale: 1,
    });
    const account = { endpoint: gateway.endpoint, region: REGION, accountId: ACCOUNT };
    const all = clientsFor(account);
    run.onStop(async () => all.destroy());
    const clients = { sqs: all.sqs, dynamo: all.dynamodb };
    await makeTables(clients);
    let queues = 0;
    return {
      webhooks,
      clients,
      environment: environmentOf(account),
      stop,
      /** @param atOnce so many messages are in the queue when the worker starts; the others follow */
      async empty(
        way: Order['way'],
        messages: number,
        webhook: string,
        { atOnce = messages, execArgv = [] }: { atOnce?: number; execArgv?: string[] } = {},
      ): Promise<Cost> {
        const queue = `bench-${++queues}`;
        const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: queue }));
        await fill(clients, QueueUrl, queue, 0, Math.min(atOnce, messages));
        const emptied = emptyOnce(
          {
            way,
            socketPath,
            region: REGION,
            accountId: ACCOUNT,
            queue,
            ledger: 'ledger',
            journal: 'journal',
            webhook,
            inFlight: IN_FLIGHT,
            messages,
          },
          execArgv,
        );
        const [cost] = await Promise.all([emptied, feed(clients, QueueUrl, queue, atOnce, messages)]);
        await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
        return cost;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Empties a queue in a process of its own. */
async function emptyOnce(order: Order, execArgv: string[]): Promise<Cost> {
  const child = spawn(process.execPath, [...execArgv, path.join(import.meta.dirname, 'replay-once.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(order));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`emptying the queue the way "${order.way}" ended with code ${code}`);
  return JSON.parse(printed);
}

async function makeTables({ dynamo }: Pick<Clients, 'dynamo'>): Promise<void> {
  for (const [TableName, ...keys] of [
    ['ledger', 'key'],
    ['journal', 'workload', 'run'],
  ] as const)
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
}

/** Sends envelopes as SNS writes them, from one number up to another. */
async function fill(
  { sqs }: Pick<Clients, 'sqs'>,
  QueueUrl: string,
  queue: string,
  from: number,
  to: number,
): Promise<void> {
  for (let first = from; first < to; first += 10)
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: Array.from({ length: Math.min(10, to - first) }, (_, index) => ({
          Id: String(index),
          MessageBody: envelope(queue, first + index),
        })),
      }),
    );
}

/** Keeps a queue as long as it was: the local SQS is slow with long ones. */
async function feed(
  clients: Pick<Clients, 'sqs'>,
  QueueUrl: string,
  queue: string,
  length: number,
  messages: number,
): Promise<void> {
  for (let sent = length; sent < messages; ) {
    const asked = new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    const { Attributes } = await clients.sqs.send(asked);
    const room = length - Number(Attributes?.ApproximateNumberOfMessages);
    const next = Math.min(messages, sent + Math.max(0, room));
    await fill(clients, QueueUrl, queue, sent, next);
    sent = next;
  }
}

function envelope(queue: string, number: number): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: `${queue}-${number}`,
    TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:mailblast-email-events`,
    Message: JSON.stringify({
      eventType: 'Delivery',
      mail: { messageId: `mail-${number}` },
      note: 'x'.repeat(400),
    }),
    Timestamp: '2026-11-01T00:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'x'.repeat(300),
    SigningCertURL: `https://sns.${REGION}.amazonaws.com/SimpleNotificationService.pem`,
    UnsubscribeURL: `https://sns.${REGION}.amazonaws.com/?Action=Unsubscribe`,
  });
}

/** A webhook that answers at once, and one that takes 50 ms. */
async function startWebhooks() {
  const start = async (delay: number) => {
    const server = createServer((request, answer) => {
      request.resume();
      request.on('end', () => (delay === 0 ? answer.end() : setTimeout(() => answer.end(), delay)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const servers = [await start(0), await start(50)];
  const [fast = '', slow = ''] = servers.map(
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  );
  return {
    fast,
    slow,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** The replay script of MailBlast's document, as it is. */
const SCRIPT = `aws sqs receive-message --queue-url "$QUEUE" --max-number-of-messages ${SCRIPT_BATCH} |
  jq -r '.Messages[] | .Body' |
  while read event; do
    curl -s -o /dev/null -X POST "$WEBHOOK" -H "Content-Type: application/json" -d "$event"
  done`;

/** @returns messages a second; null where its tools are missing */
async function shellLoop(
  clients: Clients,
  environment: Record<string, string>,
  webhook: string,
): Promise<number | null> {
  const bash = (script: string, env: Record<string, string>) =>
    promisify(execFile)('bash', ['-c', script], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
  const found = await bash('command -v aws && command -v jq && command -v curl', {}).catch(() => null);
  if (found === null) {
    process.stderr.write('the shell loop is left out: it needs aws, jq and curl on PATH\n');
    return null;
  }
  const queue = `script-${process.hrtime.bigint()}`;
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: queue }));
  await fill(clients, QueueUrl, queue, 0, SCRIPT_RUNS * SCRIPT_BATCH);
  const env = { ...environment, AWS_DEFAULT_REGION: REGION, QUEUE: QueueUrl, WEBHOOK: webhook };
  const start = performance.now();
  for (let time = 0; time < SCRIPT_RUNS; time++) await bash(SCRIPT, env);
  const seconds = (performance.now() - start) / 1_000;
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  return (SCRIPT_RUNS * SCRIPT_BATCH) / seconds;
}
