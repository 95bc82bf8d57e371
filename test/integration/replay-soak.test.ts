import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { GetQueueUrlCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { webhookEvent } from '../../local/sample/webhook-events.ts';
import type { Account } from '../../shared/replay/account.ts';
import { sqsQueue } from '../../shared/replay/sqs-queue.ts';
import { type Deployed, deploy } from './support/deployed.ts';

/**
 * The deployed replay under everything at once: duplicates, a target that fails, workers that are killed. Small here;
 * `SOAK_MESSAGES=20000` makes it the whole one, of some minutes.
 */
const MESSAGES = Number(process.env.SOAK_MESSAGES ?? 2_000);
const UNIQUE = (MESSAGES * 4) / 5;
const QUEUE = 'mailblast-dlq';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mailblast-email-events';

let deployed: Deployed;
let sqs: SQSClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'soak-'));
  const plan = parse(await readFile('plans/mailblast.yml', 'utf8'));
  const queue = plan.queues['webhook-events'];
  // The receiver here keeps its effects in memory: there is no database to ask, and no health to wait for.
  for (const field of ['probe', 'subscription', 'schedule', 'start']) delete queue[field];
  queue.target = { webhook: { secret: 'mailblast/webhook', timeout: '1s' } };
  queue.pace = { rate: 2_000, inFlight: 60, workers: 3 };
  queue.failureRatio = 0.9;
  await writeFile(path.join(folder, 'soak.yml'), stringify(plan));
  // Waits of the machine are skipped: the test itself waits until what the dead held is back.
  deployed = await deploy({ plan: path.join(folder, 'soak.yml'), waitScale: 0 });
  const { endpoint, region, accountId } = deployed.aws;
  sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } });
});

afterAll(async () => {
  sqs?.destroy();
  await deployed?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One request in ten goes wrong: refused for now, answered too late or never, and cut off after its effect. */
async function startReceiver(url: string) {
  const effects = new Map<string, number>();
  let nth = 0;
  const server = createServer((request, answer) => {
    request.resume();
    request.on('end', () => {
      const key = String(request.headers['x-amz-sns-message-id']);
      const take = () => effects.set(key, (effects.get(key) ?? 0) + 1);
      nth += 1;
      if (nth % 10 !== 0) {
        take();
        return void answer.end();
      }
      if (nth % 50 !== 0) return void answer.writeHead(500).end();
      take();
      request.socket.destroy();
    });
  });
  const { hostname, port } = new URL(url);
  server.listen(Number(port), hostname);
  await once(server, 'listening');
  return {
    effects,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Processes of MiniStack that are a worker of this stack. */
async function workers(): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (
      environment.includes(`AWS_LAMBDA_FUNCTION_NAME=${deployed.aws.stack.name}-drain-queue`) &&
      environment.includes(deployed.aws.endpoint)
    )
      found.push(Number(pid));
  }
  return found;
}

/** Kills a worker now and then, until told to stop. @returns how many */
function killAtRandom() {
  let killed = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 + Math.random() * 2_000));
      const pids = await workers();
      const victim = pids[Math.floor(Math.random() * pids.length)];
      if (!running || victim === undefined || killed >= 1 + MESSAGES / 1_000) continue;
      try {
        process.kill(victim, 'SIGKILL');
        killed += 1;
      } catch {} // it ended by itself
    }
  })();
  return async () => {
    running = false;
    await done;
    return killed;
  };
}

test(`${MESSAGES} messages, a fifth of them copies, take effect once each, and each is accounted for`, async () => {
  const { aws } = deployed;
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE }));
  const bodies = Array.from({ length: MESSAGES }, (_, n) =>
    webhookEvent(n % UNIQUE, { topicArn: TOPIC, at: new Date(0) }),
  );
  for (let at = 0; at < bodies.length; at += 10)
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.slice(at, at + 10).map((body, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
  const receiver = await startReceiver(aws.addresses['mailblast/webhook'] ?? '');
  const stopKilling = killAtRandom();
  const queue = await sqsQueue(sqs, QUEUE);
  const accounts: Account[] = [];
  const outcomes: string[] = [];
  const waiting = async () => {
    const { visible, inFlight } = await queue.inspect();
    return visible + inFlight;
  };
  // As an operator would: again, until nothing is left. What a dead worker held is hidden until its lease ends.
  for (let run = 0; run < 60 && (await waiting()) > 0; run++) {
    const { runId } = await deployed.run('replay');
    const { outcome, account } = await deployed.evidence('replay', runId);
    outcomes.push(outcome);
    if (account) accounts.push(account);
    if ((await queue.inspect()).visible === 0) await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  const killed = await stopKilling();
  const total = (counter: 'received' | 'delivered' | 'duplicates' | 'quarantined' | 'returned' | 'unknown') =>
    accounts.reduce((sum, account) => sum + account[counter], 0);
  const doubles = [...receiver.effects.values()].reduce((sum, times) => sum + times - 1, 0);
  console.log(
    `${accounts.length} runs (${outcomes.join(', ')}), ${killed} workers killed, ${doubles} doubles, ${total('unknown')} unknown, ` +
      `${total('received')} = ${total('delivered')} + ${total('duplicates')} + ${total('quarantined')} + ${total('returned')}`,
  );
  await receiver.stop();

  expect(await waiting()).toBe(0);
  expect(killed).toBeGreaterThan(0);
  for (const { received, delivered, duplicates, quarantined, returned } of accounts)
    expect(received).toBe(delivered + duplicates + quarantined + returned);
  expect(receiver.effects.size).toBe(UNIQUE);
  expect(total('delivered')).toBe(UNIQUE);
  expect(total('duplicates')).toBeGreaterThanOrEqual(MESSAGES - UNIQUE);
  expect(total('quarantined')).toBe(0);
  // This receiver honours no key: it doubles what was sent again without knowing, and nothing else.
  expect(doubles).toBeLessThanOrEqual(total('unknown'));
}, 900_000);
