import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault, Match } from '../../local/gateway/disturbances.ts';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readKeyStatus } from '../../shared/ledger/key-status.ts';
import { parseExpression } from '../../shared/plan/values/expression.ts';
import { settleAccount } from '../../shared/replay/account/settle-account.ts';
import { vaultQuarantine } from '../../shared/replay/quarantine/vault-quarantine.ts';
import { inspect } from '../../shared/replay/queue/inspect.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { type Drained, type DrainOrder, type DrainPorts, drain } from '../../shared/replay/worker/drain.ts';
import { canary, sendMany } from '../../shared/replay/worker/sending-policy.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { type Reaction, type Received, startReceiver, TAKEN } from './support/replay-receiver.ts';
import type { Hanging } from './support/replay-until.ts';
import { openWorker, orderOf, type Workplace } from './support/replay-worker.ts';
import { createJournalTable, createLedgerTable } from './support/tables.ts';
import { createVaultBucket } from './support/vault-bucket.ts';

/** For messages that nobody is to lose, however busy the machine. */
const LONG_LEASE_MS = 60_000;
/** Where what a dead worker held must come back within a test. */
const SHORT_LEASE_MS = 6_000;
const LONG_TIMEOUT_MS = 40_000;
const LIMIT_MS = 180_000;

let aws: TestAccount;
/** Each test has a Region of its own, so that what it disturbs disturbs no other. */
let regions = 0;
const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  aws = await openAccount();
});

afterAll(async () => {
  await Promise.all(undo.map((one) => one()));
  await aws?.stop();
});

type Message = string | { readonly body: string; readonly group: string };

interface Settings {
  readonly react?: (request: Received) => Reaction | Promise<Reaction>;
  readonly fifo?: boolean;
  readonly lease?: number;
  readonly timeout?: number;
}

/** A Region with a dead-letter queue, a receiver, and workers. */
async function open(
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
    // As many bytes as one call takes; a message alone may have so many.
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
  /** Nothing of it is hidden. */
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
    /** Workers one after the other until nothing is left: what the dead held comes back when its lease ends. */
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
    /** A worker in a process of its own that hangs at some point, and is killed then. @returns the keys that came so far */
    async killWorker(after: Hanging['after'], times = 1): Promise<string[]> {
      const script = path.join(import.meta.dirname, 'support', 'replay-until.ts');
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

type Open = Awaited<ReturnType<typeof open>>;

const numbered = (count: number) => Array.from({ length: count }, (_, n) => JSON.stringify({ n }));
const numberOf = (body: string): number => JSON.parse(body).n;
const envelope = (id: string, difference: object = {}) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: id,
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
    Message: `line 1\nline 2 of "${id}" 🛟`,
    Timestamp: '2026-11-01T00:00:00.000Z',
    ...difference,
  });

/** All that a worker received has a disposition. */
function adds({ account }: Drained) {
  const { received, delivered, duplicates, quarantined, returned } = account;
  expect(delivered + duplicates + quarantined + returned).toBe(received);
  return account;
}

/** Each of so many messages took effect, was counted as delivered once, and what took effect twice was counted before. */
async function expectExact(it: Open, messages: number) {
  const { account, addsUp } = await it.settled();
  expect(addsUp).toBe(true);
  expect(account.delivered).toBe(messages);
  expect(it.receiver.effects.size).toBe(messages);
  expect(it.receiver.doubles()).toBeLessThanOrEqual(account.unknown);
  expect(await it.left()).toBe(0);
  return account;
}

describe.concurrent('a worker that is killed', () => {
  test.each<[Hanging['after'], (requests: number) => boolean]>([
    ['claiming', (requests) => requests === 0],
    ['sending', (requests) => requests > 0],
    ['recording', (requests) => requests > 0],
    ['saving', (requests) => requests > 0],
    ['deleting', (requests) => requests > 0],
  ])(
    'after %s loses nothing and doubles nothing uncounted',
    async (after, isExpected) => {
      const it = await open(numbered(40), { lease: SHORT_LEASE_MS });
      const keys = await it.killWorker(after);
      expect(keys.length).toBeGreaterThan(0);
      expect(isExpected(it.receiver.requests())).toBe(true);
      await it.workToTheEnd();
      const { unknown } = await expectExact(it, 40);
      // What was only claimed may have been sent, as far as anybody knows; what was recorded is not sent again.
      if (after === 'claiming') expect(unknown).toBeGreaterThanOrEqual(keys.length);
      if (after !== 'claiming' && after !== 'sending')
        expect(keys.map((key) => it.receiver.effects.get(key))).toEqual(keys.map(() => 1));
    },
    LIMIT_MS,
  );

  test(
    'after it sent again what may have taken effect had counted that before',
    async () => {
      const lost: Reaction = { answer: 'cut', effect: true };
      const it = await open(numbered(1), {
        lease: SHORT_LEASE_MS,
        react: ({ nth }) => (nth === 1 ? lost : TAKEN),
      });
      await it.killWorker('sending', 2);
      expect(it.receiver.requests()).toBe(2);
      await it.workToTheEnd();
      expect(it.receiver.doubles()).toBe(2);
      expect(await expectExact(it, 1)).toMatchObject({ unknown: 2 });
    },
    LIMIT_MS,
  );

  test(
    'and whose heir is killed, and whose heir’s heir belongs to another run, is counted once',
    async () => {
      const it = await open(numbered(20), { lease: SHORT_LEASE_MS });
      const recorded = await it.killWorker('recording');
      while ((await it.visible()) === 0) await it.inspect();
      await it.killWorker('saving');
      const first = await it.settled();
      it.nextRun();
      await it.workToTheEnd();
      const second = await it.settled();
      expect(first.addsUp && second.addsUp).toBe(true);
      expect(first.account.delivered + second.account.delivered).toBe(20);
      expect(recorded.map((key) => it.receiver.effects.get(key))).toEqual(recorded.map(() => 1));
    },
    LIMIT_MS,
  );

  test(
    'leaves the order of a group as it was',
    async () => {
      const messages = numbered(12).map((body) => ({ body, group: 'g' }));
      const it = await open(messages, { fifo: true, lease: SHORT_LEASE_MS });
      await it.killWorker('recording', 2);
      await it.workToTheEnd();
      await expectExact(it, 12);
      const order = it.receiver.taken.map(({ body }) => numberOf(body));
      // What was sent twice comes twice in a row; nothing overtakes.
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    },
    LIMIT_MS,
  );
});

describe.concurrent('duplicates', () => {
  test(
    'in one batch, in others and at several workers take effect once',
    async () => {
      const ids = Array.from({ length: 60 }, (_, n) => `event-${n}`);
      const bodies = ids.map((id) => envelope(id));
      // Each four times: side by side, and far apart. SNS signs each attempt anew.
      const it = await open([
        ...bodies.flatMap((body) => [body, body]),
        ...ids.map((id) => envelope(id, { Signature: 'another' })),
        ...bodies,
      ]);
      for (const worker of await Promise.all([it.work(), it.work(), it.work()])) adds(worker);
      const account = await expectExact(it, 60);
      expect(account).toMatchObject({ received: 240, duplicates: 180, returned: 0, unknown: 0 });
      expect(account.reasons).toEqual({ 'done-before': 180 });
      expect([...it.receiver.effects.keys()].toSorted()).toEqual(ids.toSorted());
      expect(it.receiver.requests()).toBe(60);
    },
    LIMIT_MS,
  );

  test(
    'that come after their replay ended are known to the next one',
    async () => {
      const bodies = Array.from({ length: 15 }, (_, n) => envelope(`event-${n}`));
      const it = await open(bodies);
      await it.work();
      await expectExact(it, 15);
      it.nextRun();
      await it.put([...bodies, envelope('event-15')]);
      expect(adds(await it.work())).toMatchObject({ received: 16, delivered: 1, duplicates: 15, unknown: 0 });
      expect(it.receiver.requests()).toBe(16);
    },
    LIMIT_MS,
  );

  test(
    'of a key with another content are no duplicates, but kept',
    async () => {
      const it = await open([envelope('a'), envelope('a', { Message: 'something else' })]);
      expect(adds(await it.work())).toMatchObject({ delivered: 1, quarantined: 1, reasons: { mismatch: 1 } });
      expect((await it.quarantine.list(10)).messages).toMatchObject([{ kind: 'mismatch', key: 'a' }]);
    },
    LIMIT_MS,
  );

  test(
    'of a message that is kept in quarantine are not sent either',
    async () => {
      const it = await open([envelope('a'), envelope('a'), envelope('a')], {
        react: () => ({ status: 422 }),
      });
      expect(adds(await it.work())).toMatchObject({ quarantined: 1, duplicates: 2, attempts: 1 });
      expect(it.receiver.requests()).toBe(1);
      expect((await it.quarantine.list(10)).total).toBe(1);
    },
    LIMIT_MS,
  );
});

describe.concurrent('a target', () => {
  test(
    'that is down is sent nothing; all is back at once, and delivered when it is up',
    async () => {
      const it = await open(numbered(60));
      await it.receiver.down();
      const worker = await it.work({ failureRatio: 0.5 });
      expect(worker).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/unhealthy.*ECONNREFUSED/),
      });
      expect(adds(worker)).toMatchObject({ received: 0 });
      expect(await it.visible()).toBe(60);
      await it.receiver.up();
      await it.work();
      expect(await expectExact(it, 60)).toMatchObject({ unknown: 0 });
    },
    LIMIT_MS,
  );

  test(
    'that goes down in the middle stops the worker, and nothing is lost',
    async () => {
      let goDown = async () => {};
      const it = await open(numbered(80), {
        async react({ nth }) {
          if (nth === 30) await goDown();
          return TAKEN;
        },
      });
      goDown = it.receiver.down;
      const worker = await it.work({ failureRatio: 0.3 });
      expect(worker.ended).toBe('stopped');
      expect(worker.lastFailure).toMatch(/127\.0\.0\.1/);
      const { delivered, returned, received } = adds(worker);
      expect(delivered).toBeGreaterThan(0);
      expect(returned).toBe(received - delivered);
      expect(await it.visible()).toBe(80 - delivered);
      await it.receiver.up();
      await it.work();
      await expectExact(it, 80);
    },
    LIMIT_MS,
  );

  test(
    'that is slower than a lease keeps its messages: no other worker receives one',
    async () => {
      const it = await open(numbered(6), {
        lease: SHORT_LEASE_MS,
        async react() {
          await systemClock.sleep(1.5 * SHORT_LEASE_MS);
          return TAKEN;
        },
      });
      let isDone = false;
      const slow = it.work().finally(() => {
        isDone = true;
      });
      while (!isDone) adds(await it.work());
      expect(adds(await slow)).toMatchObject({ received: 6, delivered: 6 });
      expect(await expectExact(it, 6)).toMatchObject({ received: 6, unknown: 0 });
      expect(it.receiver.requests()).toBe(6);
    },
    LIMIT_MS,
  );

  test.each<[string, Reaction]>([
    ['hangs after the effect', { answer: 'never', effect: true }],
    ['hangs before the effect', { answer: 'never', effect: false }],
    ['closes the connection in the middle of its answer', { answer: 'cut', effect: true }],
    ['closes it before the effect', { answer: 'cut', effect: false }],
  ])(
    'that %s may have taken the message: it is sent again, and counted',
    async (_, fault) => {
      const faulty = new Set<string>();
      const it = await open(numbered(30), {
        timeout: 3_000,
        react({ key, body }) {
          if (numberOf(body) % 5 !== 0 || faulty.has(key)) return TAKEN;
          faulty.add(key);
          return fault;
        },
      });
      adds(await it.work());
      const { unknown, attempts } = await expectExact(it, 30);
      expect(unknown).toBeGreaterThanOrEqual(6);
      expect(attempts).toBe(30 + unknown);
      expect(it.receiver.requests()).toBe(attempts);
      if ('effect' in fault && fault.effect) expect(it.receiver.doubles()).toBeGreaterThanOrEqual(6);
    },
    LIMIT_MS,
  );

  test.each([429, 503])(
    'that asks with %i for a pause is sent nothing in it',
    async (status) => {
      const at: number[] = [];
      const it = await open(numbered(10), {
        react({ nth }) {
          at.push(performance.now());
          return nth === 4 ? { status, headers: { 'retry-after': '2' } } : TAKEN;
        },
      });
      adds(await it.work({ policy: sendMany({ inFlight: 1, max: null }) }));
      await expectExact(it, 10);
      expect((at[4] ?? 0) - (at[3] ?? 0)).toBeGreaterThanOrEqual(1_990); // a timer may be early by its grain
    },
    LIMIT_MS,
  );

  test(
    'that fails for some gets those again, and each once',
    async () => {
      const it = await open(numbered(60), {
        react: ({ nth }) => (nth % 4 === 0 ? { status: 500 } : TAKEN),
      });
      const { attempts, unknown } = adds(await it.work());
      expect(unknown).toBe(0);
      expect(attempts).toBe(it.receiver.requests());
      expect(attempts).toBeGreaterThanOrEqual(79);
      await it.workToTheEnd(); // one may have failed five times in a row
      await expectExact(it, 60);
      expect(it.receiver.doubles()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'that fails for too many is left alone',
    async () => {
      const it = await open(numbered(100), { react: () => ({ status: 500 }) });
      const worker = await it.work({ failureRatio: 0.5 });
      expect(worker).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/of the last \d+ deliveries failed; the plan allows 50 %/),
      });
      expect(adds(worker)).toMatchObject({ delivered: 0, quarantined: 0, unknown: 0 });
      expect(it.receiver.requests()).toBeLessThan(60);
      expect(await it.visible()).toBe(100);
    },
    LIMIT_MS,
  );

  test(
    'that refuses some has them kept whole, and gets the others',
    async () => {
      const it = await open(numbered(30), {
        react: ({ body }) => (numberOf(body) % 10 === 0 ? { status: 400 } : TAKEN),
      });
      const account = adds(await it.work());
      expect(account).toMatchObject({ delivered: 27, quarantined: 3, returned: 0, reasons: { refused: 3 } });
      expect(await it.left()).toBe(0);
      const { messages } = await it.quarantine.list(10);
      const kept = await Promise.all(messages.map(({ id }) => it.quarantine.show(id)));
      expect(kept.map(({ message }) => message.body).toSorted()).toEqual(
        [0, 10, 20].map((n) => JSON.stringify({ n })).toSorted(),
      );
      expect(kept.map(({ why }) => why.kind)).toEqual(['refused', 'refused', 'refused']);
    },
    LIMIT_MS,
  );
});

describe.concurrent('a body', () => {
  const awkward = `it's "quoted", \\n is no line, $(rm -rf) %s 🛟 é \t\r\n\n`;
  const BODIES = [
    awkward,
    '   \n\n ',
    '{"Type":"Notification","Message":"',
    '{"hello": "wörld"} and more',
    'null',
    JSON.stringify(awkward),
    envelope('empty', { Message: '' }),
    envelope('awkward', { Message: awkward, Subject: awkward }),
    JSON.stringify(JSON.parse(envelope('lines')), null, 2),
    JSON.stringify({ text: `${'🛟'.repeat(65_000)}` }).padEnd(260_000, ' '),
    'x'.repeat(256 * 1024),
  ];

  test(
    'of any kind arrives byte for byte',
    async () => {
      const it = await open(BODIES);
      adds(await it.work());
      await expectExact(it, BODIES.length);
      expect(it.receiver.taken.map(({ body }) => body).toSorted()).toEqual(BODIES.toSorted());
    },
    LIMIT_MS,
  );

  test(
    'of the wrong kind is kept byte for byte, and not sent',
    async () => {
      const it = await open(BODIES);
      const rules = { format: 'sns' as const, key: null, filters: [], maxAge: null };
      expect(adds(await it.work({ rules }))).toMatchObject({
        delivered: 3,
        quarantined: BODIES.length - 3,
        reasons: { unparsable: BODIES.length - 3 },
      });
      expect(it.receiver.requests()).toBe(3);
      const { messages } = await it.quarantine.list(100);
      const kept = await Promise.all(
        messages.map(async ({ id }) => (await it.quarantine.show(id)).message.body),
      );
      expect(kept.toSorted()).toEqual(BODIES.filter((body) => !body.includes('"TopicArn"')).toSorted());
    },
    LIMIT_MS,
  );

  test(
    'without the key that the plan looks for is kept, and not sent',
    async () => {
      const it = await open(['{"id":"a"}', '{"id":null}', '{"id":""}', '{}', 'text']);
      const rules = { format: 'any' as const, key: parseExpression('body.id'), filters: [], maxAge: null };
      expect(adds(await it.work({ rules }))).toMatchObject({ delivered: 1, reasons: { 'key-missing': 4 } });
      expect([...it.receiver.effects.keys()]).toEqual(['a']);
    },
    LIMIT_MS,
  );
});

describe.concurrent('a FIFO queue', () => {
  const groups = (...names: string[]) =>
    numbered(8).flatMap((body) =>
      names.map((group) => ({ body: JSON.stringify({ ...JSON.parse(body), group }), group })),
    );
  const orderIn = ({ receiver }: Open, group: string) =>
    receiver.taken
      .map(({ body }) => JSON.parse(body))
      .filter((one) => one.group === group)
      .map(({ n }) => n);

  test(
    'with poison in front of a group keeps it, and the group goes on in its order',
    async () => {
      const it = await open(groups('a', 'b', 'c'), {
        fifo: true,
        react({ body }) {
          const { group, n } = JSON.parse(body);
          return group === 'a' && n === 0 ? { status: 422 } : TAKEN;
        },
      });
      expect(adds(await it.work())).toMatchObject({ received: 24, delivered: 23, quarantined: 1 });
      expect(orderIn(it, 'a')).toEqual([1, 2, 3, 4, 5, 6, 7]);
      for (const group of ['b', 'c']) expect(orderIn(it, group)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await it.left()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'lets nothing overtake a message that fails, the other groups go on, and so does this one afterwards',
    async () => {
      let fails = true;
      const it = await open(groups('a', 'b'), {
        fifo: true,
        react({ body }) {
          const { group, n } = JSON.parse(body);
          return fails && group === 'a' && n === 2 ? { status: 500 } : TAKEN;
        },
      });
      const account = adds(await it.work());
      expect(account).toMatchObject({ delivered: 10, quarantined: 0, reasons: { failed: 1 } });
      expect(orderIn(it, 'a')).toEqual([0, 1]);
      expect(orderIn(it, 'b')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await it.visible()).toBe(6);
      fails = false;
      await it.work();
      expect(orderIn(it, 'a')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await expectExact(it, 16);
    },
    LIMIT_MS,
  );

  test(
    'of two workers gives each group to one at a time',
    async () => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      const it = await open(groups(...names), { fifo: true });
      for (const worker of await Promise.all([it.work(), it.work()])) adds(worker);
      await it.workToTheEnd();
      await expectExact(it, 40);
      for (const group of names) expect(orderIn(it, group)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    },
    LIMIT_MS,
  );
});

describe.concurrent('the canary', () => {
  test.each<[string, Reaction, RegExp]>([
    ['is not let in', { status: 401 }, /the canary failed: .*401/],
    ['meets a target that is broken', { status: 500 }, /the canary failed: .*500/],
    ['gets half an answer', { answer: 'cut', effect: false }, /the canary failed: .*in the middle/],
  ])(
    'that %s is sent again and nothing else is; all is back at once',
    async (_, reaction, reason) => {
      const keys: string[] = [];
      const it = await open(numbered(20), {
        react({ key }) {
          keys.push(key);
          return reaction;
        },
      });
      const worker = await it.work({ policy: canary(3) });
      expect(worker).toMatchObject({ ended: 'stopped', reason: expect.stringMatching(reason) });
      expect(adds(worker)).toMatchObject({ received: 1, returned: 1, delivered: 0 });
      expect(new Set(keys).size).toBe(1);
      expect(await it.visible()).toBe(20);
    },
    LIMIT_MS,
  );

  test(
    'goes past poison, and ends with as many acceptances as were asked for',
    async () => {
      const it = await open(numbered(20), {
        react: ({ nth }) => (nth <= 2 ? { status: 400 } : TAKEN),
      });
      const worker = await it.work({ policy: canary(3) });
      expect(worker.ended).toBe('count');
      expect(adds(worker)).toMatchObject({ received: 5, delivered: 3, quarantined: 2 });
      expect(await it.visible()).toBe(15);
    },
    LIMIT_MS,
  );

  test(
    'that meets nothing but poison stops: it may not be the messages',
    async () => {
      const it = await open(numbered(20), { react: () => ({ status: 400 }) });
      const worker = await it.work({ policy: canary(3) });
      expect(worker).toMatchObject({ ended: 'stopped', reason: expect.stringMatching(/refused 3 messages/) });
      expect(adds(worker)).toMatchObject({ received: 3, quarantined: 3 });
      expect(await it.visible()).toBe(17);
    },
    LIMIT_MS,
  );
});

describe.concurrent('a worker', () => {
  test(
    'bears with a ledger that is throttled for a while',
    async () => {
      const it = await open(numbered(60));
      const throttled = { status: 400, code: 'ProvisionedThroughputExceededException', message: 'slow down' };
      it.disturb({ service: 'dynamodb' }, throttled, 2);
      const worker = await it.work();
      expect(worker.ended).toBe('empty');
      adds(worker);
      expect(await expectExact(it, 60)).toMatchObject({ unknown: 0, returned: 0 });
    },
    LIMIT_MS,
  );

  const broken = { status: 400, code: 'ResourceNotFoundException', message: 'it is away' };
  test.each<[string, string | undefined, Fault]>([
    ['its ledger cannot claim', 'dynamodb:PartiQLInsert', broken],
    ['its ledger cannot be told', 'dynamodb:PartiQLUpdate', broken],
    ['its account cannot be saved', 'dynamodb:UpdateItem', broken],
    ['nothing of DynamoDB answers', undefined, 'drop'],
  ])(
    'stops when in the middle %s; nothing is lost, and nothing that was recorded is sent again',
    async (_, action, fault) => {
      let lift = () => {};
      const it = await open(numbered(300), {
        lease: SHORT_LEASE_MS,
        react({ nth }) {
          if (nth === 10) lift = it.disturb({ service: 'dynamodb', ...(action && { action }) }, fault);
          return TAKEN;
        },
      });
      const worker = await it.work({ policy: sendMany({ inFlight: 2, max: null }) }).catch((error) => error);
      lift();
      if (worker instanceof Error) expect(worker.message).toMatch(/it is away|ECONNRESET|socket hang up/);
      else {
        expect(worker.ended).toBe('stopped');
        adds(worker);
        expect(await it.left()).toBe(300 - worker.account.delivered);
      }
      const before = it.receiver.requests();
      expect(before).toBeGreaterThanOrEqual(10);
      expect(before).toBeLessThan(300);
      await it.workToTheEnd();
      await expectExact(it, 300);
      if (action === 'dynamodb:UpdateItem') expect(it.receiver.doubles()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'stops while what it was refused cannot be kept, and keeps it when it can',
    async () => {
      const it = await open(numbered(30), {
        react: ({ body }) => (numberOf(body) === 5 ? { status: 400 } : TAKEN),
      });
      const lift = it.disturb({ service: 's3' }, { status: 403, code: 'AccessDenied', message: 'not you' });
      const worker = await it.work({ policy: sendMany({ inFlight: 2, max: null }) });
      lift();
      expect(worker).toMatchObject({ ended: 'stopped', reason: expect.stringMatching(/AccessDenied/) });
      const { delivered } = adds(worker);
      expect(worker.account.quarantined).toBe(0);
      expect(await it.visible()).toBe(30 - delivered);
      await it.work();
      const { account } = await it.settled();
      expect(account).toMatchObject({ delivered: 29, quarantined: 1, unknown: 0 });
      expect(await it.left()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'stops where it may not delete: what it delivered is known when it comes back',
    async () => {
      const it = await open(numbered(30), { lease: SHORT_LEASE_MS });
      const denied = { status: 403, code: 'AccessDenied', message: 'not you' };
      const lift = it.disturb({ action: 'sqs:DeleteMessage' }, denied);
      const worker = await it.work({ policy: sendMany({ inFlight: 2, max: null }) });
      lift();
      expect(worker).toMatchObject({ ended: 'stopped', reason: expect.stringMatching(/QueueForbidden/) });
      adds(worker);
      expect(await it.left()).toBe(30);
      await it.workToTheEnd();
      expect(await expectExact(it, 30)).toMatchObject({ unknown: 0 });
      expect(it.receiver.requests()).toBe(30);
    },
    LIMIT_MS,
  );

  test(
    'stops where it may not receive',
    async () => {
      const it = await open(numbered(3));
      it.disturb({ action: 'sqs:ReceiveMessage' }, { status: 403, code: 'AccessDenied', message: 'not you' });
      expect(await it.work()).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/QueueForbidden: the caller may not sqs:ReceiveMessage/),
        account: { received: 0 },
      });
    },
    LIMIT_MS,
  );

  test(
    'stops when its queue is gone',
    async () => {
      // More than a worker takes in hand.
      const it = await open(numbered(400), {
        async react({ nth }) {
          if (nth === 5) await it.sqs.send(new DeleteQueueCommand({ QueueUrl: it.queueUrl }));
          return TAKEN;
        },
      });
      const worker = await it.work({ policy: sendMany({ inFlight: 2, max: null }) });
      expect(worker).toMatchObject({ ended: 'stopped', reason: expect.stringMatching(/QueueMissing/) });
      adds(worker);
      expect(it.receiver.requests()).toBeLessThan(400);
    },
    LIMIT_MS,
  );

  test(
    'stops when a failover begins in the middle',
    async () => {
      const it = await open(numbered(600), {
        async react({ nth }) {
          if (nth === 5) await it.failover(true);
          return TAKEN;
        },
      });
      const worker = await it.work({ rate: 30 });
      expect(worker).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/a failover of this workload runs \(failover-7\)/),
      });
      const { delivered, unknown } = adds(worker);
      expect(delivered).toBeGreaterThan(0);
      expect(unknown).toBe(0);
      expect(await it.visible()).toBe(600 - delivered);
      expect(await it.work()).toMatchObject({ ended: 'stopped', account: { received: 0 } });
      await it.failover(false);
      await it.work();
      expect(await expectExact(it, 600)).toMatchObject({ unknown: 0 });
    },
    LIMIT_MS,
  );

  test(
    'stops when the health check fails twice in a row',
    async () => {
      const it = await open(numbered(600), {
        react({ nth }) {
          if (nth === 5) it.receiver.well(false);
          return TAKEN;
        },
      });
      const worker = await it.work({ rate: 30 });
      expect(worker).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/the target is unhealthy: health check: .*503/),
      });
      const { delivered } = adds(worker);
      expect(delivered).toBeGreaterThan(0);
      expect(await it.visible()).toBe(600 - delivered);
    },
    LIMIT_MS,
  );

  test(
    'leaves what a filter does not want, visible at once',
    async () => {
      const it = await open(numbered(50));
      const filters = [{ text: 'body.n < `20`', holds: parseExpression('body.n < `20`') }];
      const rules = { format: 'any' as const, key: null, filters, maxAge: null };
      const worker = await it.work({ rules });
      expect(worker.ended).toBe('empty');
      expect(adds(worker)).toMatchObject({
        received: 50,
        delivered: 20,
        returned: 30,
        reasons: { filtered: 30 },
      });
      expect(await it.visible()).toBe(30);
      expect(it.receiver.taken.every(({ body }) => numberOf(body) < 20)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'stops where a filter cannot be applied',
    async () => {
      const it = await open(numbered(20));
      const text = 'length(body.n) > `1`';
      const filters = [{ text, holds: parseExpression(text) }];
      const worker = await it.work({ rules: { format: 'any', key: null, filters, maxAge: null } });
      expect(worker).toMatchObject({
        ended: 'stopped',
        reason: expect.stringMatching(/FilterFails: the filter length\(body\.n\)/),
      });
      adds(worker);
      expect(it.receiver.requests()).toBe(0);
      expect(await it.visible()).toBe(20);
    },
    LIMIT_MS,
  );

  test(
    'takes as many as it was asked for',
    async () => {
      const it = await open(numbered(60));
      const worker = await it.work({ policy: sendMany({ inFlight: 10, max: 25 }) });
      expect(worker.ended).toBe('count');
      expect(adds(worker)).toMatchObject({ received: 25, delivered: 25 });
      expect(await it.visible()).toBe(35);
    },
    LIMIT_MS,
  );

  test(
    'takes on no more when its time is over',
    async () => {
      const it = await open(numbered(600));
      const worker = await it.work({ rate: 30, until: new Date(Date.now() + 2_000) });
      expect(worker.ended).toBe('time');
      const { delivered } = adds(worker);
      expect(delivered).toBeGreaterThan(0);
      expect(await it.visible()).toBe(600 - delivered);
    },
    LIMIT_MS,
  );

  test(
    'sends at no higher rate than it was given',
    async () => {
      const it = await open(numbered(60));
      const before = performance.now();
      adds(await it.work({ rate: 20 }));
      await expectExact(it, 60);
      expect(performance.now() - before).toBeGreaterThanOrEqual((59 / 20) * 1_000 - 20);
    },
    LIMIT_MS,
  );
});

describe.concurrent('an inspection', () => {
  test.each([
    ['standard', false],
    ['FIFO', true],
  ])(
    'of a %s queue sends nothing, and hides nothing afterwards',
    async (_, fifo) => {
      const bodies = ['a', 'b', 'b', 'c'].map((id) => envelope(id));
      const it = await open(fifo ? bodies.map((body) => ({ body, group: 'g' })) : bodies, { fifo });
      expect(await it.inspect()).toMatchObject({ read: 4, wouldBe: { deliver: 3, duplicate: 1 } });
      expect(await it.visible()).toBe(4);
      expect(it.receiver.requests()).toBe(0);
      adds(await it.work());
      await it.put(fifo ? bodies.map((body) => ({ body, group: 'g' })) : bodies);
      expect(await it.inspect()).toMatchObject({ read: 4, wouldBe: { duplicate: 4 } });
    },
    LIMIT_MS,
  );
});
