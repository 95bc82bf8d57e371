import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import { parseExpression } from '../../shared/plan/expression.ts';
import { inHand } from '../../shared/replay/account.ts';
import type { AccountStore } from '../../shared/replay/account-store.ts';
import { type Drained, type DrainOrder, type DrainPorts, drain } from '../../shared/replay/drain.ts';
import { ledgerClient } from '../../shared/replay/ledger-client.ts';
import { settleAccount } from '../../shared/replay/settle-account.ts';
import { sqsQueue } from '../../shared/replay/sqs-queue.ts';
import { orderOf, type Workplace, workerPorts } from './support/replay-worker.ts';
import { createJournalTable, createLedgerTable } from './support/tables.ts';
import { createVaultBucket, rootS3 } from './support/vault-bucket.ts';

/** Short, so that a test does not wait long for what a dead worker held. */
const LEASE_MS = 4_000;

let aws: LocalAws;
let sqs: SQSClient;
let s3: S3Client;
let before: Record<string, string | undefined>;

beforeAll(async () => {
  aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
  // As a function has it: account and Region come from the environment.
  before = Object.fromEntries(Object.keys(aws.environment).map((name) => [name, process.env[name]]));
  Object.assign(process.env, aws.environment);
  sqs = new SQSClient({});
  s3 = rootS3(aws);
  const dynamo = ledgerClient();
  await createVaultBucket(s3, 'vault');
  await createLedgerTable(dynamo, 'ledger');
  await createJournalTable(dynamo, 'journal');
  dynamo.destroy();
});

afterAll(async () => {
  for (const [name, value] of Object.entries(before ?? {}))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  sqs?.destroy();
  s3?.destroy();
  await aws?.stop();
});

type Answer = (request: IncomingMessage, answer: ServerResponse, body: string, nth: number) => void;

/** A receiver that is not idempotent: it counts how often each key took effect. */
async function startReceiver(respond: Answer = (_, answer) => void answer.end()) {
  const effects = new Map<string, number>();
  const bodies: string[] = [];
  let nth = 0;
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      answer.once('finish', () => {
        if (answer.statusCode !== 200) return;
        const key = String(request.headers['idempotency-key']);
        effects.set(key, (effects.get(key) ?? 0) + 1);
        bodies.push(body);
      });
      respond(request, answer, body, ++nth);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    effects,
    bodies,
    requests: () => nth,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A dead-letter queue of its own, a receiver, and workers that drain it. */
async function open(
  bodies: readonly string[],
  { fifo = false, answer = undefined as Answer | undefined } = {},
) {
  const queue = `q-${randomUUID().slice(0, 8)}${fifo ? '.fifo' : ''}`;
  const Attributes = fifo ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes }));
  for (let at = 0; at < bodies.length; at += 10)
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.slice(at, at + 10).map((body, index) => ({
          Id: String(index),
          MessageBody: body,
          ...(fifo
            ? { MessageGroupId: JSON.parse(body).group, MessageDeduplicationId: String(at + index) }
            : {}),
        })),
      }),
    );
  const receiver = await startReceiver(answer);
  const runId = randomUUID();
  let workers = 0;
  const place = (): Workplace => ({
    queue,
    ledger: 'ledger',
    journal: 'journal',
    vault: 'vault',
    webhook: receiver.url,
    runId,
    owner: `${runId}/1/${workers++}`,
    lease: LEASE_MS,
    timeout: 1_000,
  });
  const work = async (
    difference: Partial<DrainOrder> = {},
    change: (ports: DrainPorts) => DrainPorts = (it) => it,
  ) => {
    const at = place();
    const ports = change(await workerPorts(sqs, at));
    try {
      return await drain(ports, orderOf(at, difference), AbortSignal.timeout(100_000));
    } finally {
      await ports.target.close();
    }
  };
  return {
    runId,
    receiver,
    place,
    work,
    inspect: async () => (await sqsQueue(sqs, queue)).inspect(),
    settled: async () => {
      const { accounts } = await workerPorts(sqs, place());
      return settleAccount(await (accounts as AccountStore).all());
    },
  };
}

const adds = ({ account }: Drained) => expect(inHand(account)).toBe(0);
const numbered = (count: number) => Array.from({ length: count }, (_, n) => JSON.stringify({ n }));

describe('a worker that is killed', () => {
  test.each([
    ['after the claim, before it sends', 'claimed', 0],
    ['after it sent, before it records', 'sent', 1],
    ['after it recorded, before its account is saved', 'recorded', 1],
    ['after its account is saved, before it deletes', 'saved', 1],
  ])(
    '%s loses nothing, and its account is exact',
    async (_, point, sentBefore) => {
      const it = await open(numbered(40));
      const script = path.join(import.meta.dirname, 'support', 'drain-until.ts');
      const child = spawn(process.execPath, [script, JSON.stringify({ point, at: it.place() })], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(it.receiver.requests() > 0).toBe(sentBefore > 0);

      // What it held comes back when its lease ends; until then there is less to do, and a worker ends early.
      for (let round = 0; round < 20; round++) {
        adds(await it.work());
        const { visible, inFlight } = await it.inspect();
        if (visible + inFlight === 0) break;
        await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 4));
      }
      const { account, addsUp } = await it.settled();
      expect(addsUp).toBe(true);
      // 40 messages took effect; one is delivered in the account for each, whoever counted it.
      expect(it.receiver.effects.size).toBe(40);
      expect(account.delivered).toBe(40);
      const doubles = [...it.receiver.effects.values()].reduce((sum, times) => sum + times - 1, 0);
      expect(doubles).toBeLessThanOrEqual(account.unknown);
      if (point === 'recorded' || point === 'saved') expect(doubles).toBe(account.unknown);
      await it.receiver.stop();
    },
    90_000,
  );
});

describe('duplicates', () => {
  test('in one batch, in others, at several workers and in a second run take effect once', async () => {
    const envelope = (n: number) =>
      JSON.stringify({
        Type: 'Notification',
        MessageId: `event-${n}`,
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
        Message: `line 1\nline 2 "${n}" 🛟`,
        Timestamp: '2026-11-01T00:00:00.000Z',
      });
    // Each four times: side by side, and far apart.
    const once = Array.from({ length: 60 }, (_, n) => envelope(n));
    const it = await open([...once.flatMap((body) => [body, body]), ...once, ...once]);
    const workers = await Promise.all([it.work(), it.work(), it.work()]);
    workers.forEach(adds);
    const { account, addsUp } = await it.settled();
    expect(addsUp).toBe(true);
    expect(account).toMatchObject({ received: 240, delivered: 60, duplicates: 180, unknown: 0 });
    expect([...it.receiver.effects.values()].every((times) => times === 1)).toBe(true);
    expect(it.receiver.bodies.toSorted()).toEqual(once.toSorted());
    await it.receiver.stop();
  }, 60_000);
});

describe('a target', () => {
  test('that is down sends everything back, and the worker stops', async () => {
    const it = await open(numbered(60));
    await it.receiver.stop();
    const worker = await it.work({ failureRatio: 0.5 });
    adds(worker);
    expect(worker.ended).toBe('stopped');
    expect(worker.account).toMatchObject({ delivered: 0, quarantined: 0, unknown: 0 });
    expect((await it.inspect()).visible).toBe(60);
  }, 60_000);

  test('that fails for some is asked again, and gets each message once', async () => {
    const it = await open(numbered(60), {
      answer: (_, answer, __, nth) => void answer.writeHead(nth % 4 === 0 ? 500 : 200).end(),
    });
    const worker = await it.work();
    adds(worker);
    expect(worker.account).toMatchObject({ received: 60, delivered: 60, unknown: 0 });
    expect(worker.account.attempts).toBeGreaterThan(60);
    expect(it.receiver.effects.size).toBe(60);
    await it.receiver.stop();
  }, 90_000);

  test('that hangs or hangs up in mid-answer may have taken the message: each is counted as unknown', async () => {
    const it = await open(numbered(30), {
      answer(_, answer, __, nth) {
        if (nth % 10 === 3) return; // no answer in time
        if (nth % 10 === 7) {
          answer.writeHead(200, { 'content-length': '100' }).write('half');
          return void answer.socket?.destroySoon();
        }
        answer.end();
      },
    });
    const worker = await it.work();
    adds(worker);
    expect(worker.account.delivered).toBe(30);
    expect(worker.account.unknown).toBeGreaterThan(0);
    expect(worker.account.attempts).toBe(30 + worker.account.unknown);
    await it.receiver.stop();
  }, 90_000);

  test('that refuses some has them in quarantine, and the others delivered', async () => {
    const it = await open(numbered(30), {
      answer: (_, answer, body) => void answer.writeHead(JSON.parse(body).n % 10 === 0 ? 400 : 200).end(),
    });
    const worker = await it.work();
    adds(worker);
    expect(worker.account).toMatchObject({ delivered: 27, quarantined: 3, returned: 0 });
    expect((await it.inspect()).visible).toBe(0);
    await it.receiver.stop();
  }, 60_000);

  test('that asks for a pause is sent nothing in it', async () => {
    let pausedAt = 0;
    let earliest = Number.POSITIVE_INFINITY;
    const it = await open(numbered(10), {
      answer(_, answer, __, nth) {
        if (nth === 1) {
          pausedAt = performance.now();
          return void answer.writeHead(429, { 'retry-after': '2' }).end();
        }
        earliest = Math.min(earliest, performance.now());
        answer.end();
      },
    });
    const worker = await it.work({ inFlight: 1 });
    adds(worker);
    expect(worker.account.delivered).toBe(10);
    expect(earliest - pausedAt).toBeGreaterThanOrEqual(1_900);
    await it.receiver.stop();
  }, 60_000);

  test('that is slow does not lose its message to another worker: lease and visibility are extended', async () => {
    const it = await open(numbered(3), {
      answer: (_, answer) => void setTimeout(() => answer.end(), LEASE_MS * 2),
    });
    const slow = (ports: DrainPorts): DrainPorts => ports;
    const patient = async () => {
      const at = { ...it.place(), timeout: LEASE_MS * 4 };
      return drain(slow(await workerPorts(sqs, at)), orderOf(at), AbortSignal.timeout(100_000));
    };
    const [first, second] = await Promise.all([patient(), patient()]);
    adds(first);
    adds(second);
    expect(first.account.delivered + second.account.delivered).toBe(3);
    expect([...it.receiver.effects.values()]).toEqual([1, 1, 1]);
    await it.receiver.stop();
  }, 90_000);
});

describe('the canary', () => {
  test('that fails keeps everything else from being sent', async () => {
    const it = await open(numbered(20), { answer: (_, answer) => void answer.writeHead(401).end() });
    const worker = await it.work({ canary: true, max: 3 });
    adds(worker);
    expect(worker).toMatchObject({ ended: 'stopped', account: { delivered: 0, quarantined: 0 } });
    expect(worker.reason).toMatch(/canary failed.*401/);
    expect(worker.account.received).toBe(1);
    expect((await it.inspect()).visible).toBe(20);
    await it.receiver.stop();
  }, 60_000);

  test('goes past poison, and ends with as many acceptances as were asked for', async () => {
    const it = await open(numbered(20), {
      answer: (_, answer, body) => void answer.writeHead(JSON.parse(body).n === 0 ? 400 : 200).end(),
    });
    const worker = await it.work({ canary: true, max: 3 });
    expect(worker).toMatchObject({ ended: 'count', account: { delivered: 3 } });
    expect(worker.account.quarantined).toBeLessThanOrEqual(1);
    await it.receiver.stop();
  }, 60_000);
});

describe('a FIFO queue', () => {
  test('keeps the order of each group, past a poison message in front', async () => {
    const messages = ['a', 'b'].flatMap((group) =>
      Array.from({ length: 8 }, (_, n) => JSON.stringify({ group, n })),
    );
    const it = await open(messages, {
      fifo: true,
      answer(_, answer, body) {
        const { group, n } = JSON.parse(body);
        answer.writeHead(group === 'a' && n === 0 ? 422 : 200).end();
      },
    });
    const worker = await it.work();
    adds(worker);
    expect(worker.account).toMatchObject({ received: 16, delivered: 15, quarantined: 1 });
    const arrived = it.receiver.bodies.map((body) => JSON.parse(body));
    for (const [group, first] of [
      ['a', 1],
      ['b', 0],
    ] as const)
      expect(arrived.filter((one) => one.group === group).map(({ n }) => n)).toEqual(
        Array.from({ length: 8 - first }, (_, n) => n + first),
      );
    await it.receiver.stop();
  }, 60_000);

  test('lets nothing overtake a message that fails, and other groups go on', async () => {
    const messages = ['a', 'b'].flatMap((group) =>
      Array.from({ length: 5 }, (_, n) => JSON.stringify({ group, n })),
    );
    const it = await open(messages, {
      fifo: true,
      answer(_, answer, body) {
        const { group, n } = JSON.parse(body);
        answer.writeHead(group === 'a' && n === 1 ? 500 : 200).end();
      },
    });
    const worker = await it.work();
    adds(worker);
    const arrived = it.receiver.bodies.map((body) => JSON.parse(body));
    expect(arrived.filter(({ group }) => group === 'a').map(({ n }) => n)).toEqual([0]);
    expect(arrived.filter(({ group }) => group === 'b')).toHaveLength(5);
    const { visible, inFlight } = await it.inspect();
    expect(visible + inFlight).toBe(4);
    await it.receiver.stop();
  }, 90_000);
});

describe('a worker stops, and loses nothing,', () => {
  test('when the ledger is gone', async () => {
    const it = await open(numbered(40));
    const disturbance = { match: { service: 'dynamodb', action: 'dynamodb:PartiQLInsert' }, times: 1_000 };
    const fault = { status: 400, code: 'ResourceNotFoundException', message: 'no such table' };
    const lift = aws.gateway.disturb({ ...disturbance, fault });
    const worker = await it.work();
    lift();
    adds(worker);
    expect(worker.ended).toBe('stopped');
    expect(worker.reason).toMatch(/the ledger is unavailable/);
    expect(it.receiver.requests()).toBe(0);
    expect((await it.inspect()).visible).toBe(40);
    await it.receiver.stop();
  }, 60_000);

  test('when a failover of the workload begins', async () => {
    const it = await open(numbered(5));
    const dynamo = ledgerClient();
    const until = String(Date.now() + 60_000);
    const Item = { key: { S: 'lock#failover' }, owner: { S: 'failover-1' }, until: { N: until } };
    await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item }));
    const worker = await it.work();
    const over = { ...Item, until: { N: '1' } };
    await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: over }));
    dynamo.destroy();
    expect(worker).toMatchObject({ ended: 'stopped', account: { received: 0 } });
    expect(worker.reason).toMatch(/failover-1/);
    await it.receiver.stop();
  }, 60_000);

  test('when a filter cannot be applied', async () => {
    const it = await open(numbered(5));
    const text = 'length(body.n) > `1`';
    const rules = { format: 'any' as const, key: null, maxAge: null };
    const worker = await it.work({
      rules: { ...rules, filters: [{ text, holds: parseExpression(text) }] as never },
    });
    adds(worker);
    expect(worker.ended).toBe('stopped');
    expect(worker.reason).toMatch(/FilterFails/);
    expect(it.receiver.requests()).toBe(0);
    expect((await it.inspect()).visible).toBe(5);
    await it.receiver.stop();
  }, 60_000);
});
