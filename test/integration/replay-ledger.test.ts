import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { dynamoLedger, reopen } from '../../shared/ledger/dynamo-ledger.ts';
import type { Claim, ClaimRequest, Ledger, Settlement } from '../../shared/ledger/ledger.ts';
import { EMPTY_ACCOUNT } from '../../shared/replay/account/account.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import type { Ending } from '../../shared/replay/account/ending.ts';
import { type SteppedClock, steppedClock } from '../unit/replay/stepped-clock.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { startLossyProxy } from './support/lossy-proxy.ts';
import { createJournalTable, createLedgerTable } from './support/tables.ts';

const LEASE_MS = 60_000;
const EMPTY: Ending = { ended: 'empty', reason: 'the queue has no more' };
const STOPPED: Ending = { ended: 'stopped', reason: 'the target refused 3 messages' };
const RETENTION_MS = 15 * 86_400_000;

let aws: TestAccount;
let root: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
let dynamo: DynamoDBClient;
let clock: SteppedClock;
/** Makes the keys of each test its own. */
let testNumber = 0;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  root = { endpoint: aws.endpoint, region: aws.region, credentials };
  dynamo = dynamoClient(root);
  await createLedgerTable(dynamo, 'ledger');
  await createJournalTable(dynamo, 'journal');
});

afterAll(async () => {
  dynamo?.destroy();
  await aws?.stop();
});

beforeEach(() => {
  clock = steppedClock();
  testNumber += 1;
});

function ledgerOf(
  owner: string,
  client = dynamo,
  { table = 'ledger', scope = String(testNumber) }: { table?: string; scope?: string } = {},
): Ledger {
  return dynamoLedger(client, table, { scope, owner, runId: 'run', retention: RETENTION_MS, clock });
}

const leaseUntil = () => new Date(clock.now().getTime() + LEASE_MS);
const message = (key: string, messageId = `message of ${key}`): ClaimRequest => ({
  key,
  bodyHash: `hash of ${key}`,
  messageId,
});
const settlement = (key: string, as: Settlement['as'], batch = 1): Settlement => ({
  key,
  messageId: `message of ${key}`,
  as,
  batch,
});
const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);
const FRESH: Claim = { state: 'claimed', unknown: false, attempts: 0 };

async function claim(ledger: Ledger, ...wanted: (string | ClaimRequest)[]): Promise<Claim[]> {
  return ledger.claim(
    wanted.map((one) => (typeof one === 'string' ? message(one) : one)),
    leaseUntil(),
  );
}

async function recordOf(key: string): Promise<Record<string, AttributeValue>> {
  const { Item } = await dynamo.send(
    new GetItemCommand({
      TableName: 'ledger',
      Key: { key: { S: `${testNumber}#${key}` } },
      ConsistentRead: true,
    }),
  );
  if (!Item) throw new Error(`the ledger has no record of ${key}`);
  return Item;
}

/** Who may send each key, of many owners who ask for all keys at once. */
async function holders(owners: readonly Ledger[], keys: readonly string[]): Promise<Map<string, Claim[]>> {
  const answers = await Promise.all(owners.map((owner) => claim(owner, ...keys)));
  return new Map(
    keys.map((key, index) => [
      key,
      answers.flatMap((claims) => {
        const answer = claims[index];
        return answer?.state === 'claimed' ? [answer] : [];
      }),
    ]),
  );
}

describe('a claim', () => {
  test('is one of many that are made at once', async () => {
    const owners = Array.from({ length: 16 }, (_, index) => ledgerOf(`worker-${index}`));
    for (const claims of (await holders(owners, keysOf(25))).values()) expect(claims).toEqual([FRESH]);
  });

  test('shows the others until when they have to wait', async () => {
    await claim(ledgerOf('a'), 'x');
    expect(await claim(ledgerOf('b'), 'x', 'y')).toEqual([{ state: 'busy', until: leaseUntil() }, FRESH]);
  });

  test('is taken over by one of many when its lease has run out, as one that may have been sent', async () => {
    await claim(ledgerOf('dead'), ...keysOf(25));
    clock.pass(LEASE_MS);
    const owners = Array.from({ length: 16 }, (_, index) => ledgerOf(`worker-${index}`));
    for (const claims of (await holders(owners, keysOf(25))).values())
      expect(claims).toEqual([{ state: 'claimed', unknown: true, attempts: 1 }]);
  });

  test('of a worker that was killed is taken over when its lease has run out, and not before', async () => {
    const worker = path.join(import.meta.dirname, 'support', 'claim-and-wait.ts');
    const keys = keysOf(3).map((key) => `killed-${key}`);
    const child = spawn(process.execPath, [worker, 'ledger', 'killed', leaseUntil().toISOString(), ...keys], {
      env: { ...process.env, ...aws.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      const [line] = await once(createInterface(child.stdout), 'line');
      expect(JSON.parse(line)).toEqual([FRESH, FRESH, FRESH]);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    const heir = ledgerOf('heir', dynamo, { scope: 'events' });
    clock.pass(LEASE_MS - 1);
    expect((await claim(heir, ...keys)).map(({ state }) => state)).toEqual(['busy', 'busy', 'busy']);
    clock.pass(1);
    expect(await claim(heir, ...keys)).toEqual(
      Array(3).fill({ state: 'claimed', unknown: true, attempts: 1 }),
    );
  });

  test('is refused to a message with another body, whatever became of the first', async () => {
    const [a, b] = [ledgerOf('a'), ledgerOf('b')];
    await claim(a, 'claimed', 'delivered', 'open');
    await a.settle([settlement('delivered', 'delivered'), settlement('open', 'open')]);
    const forged = ['claimed', 'delivered', 'open'].map((key) => ({ ...message(key), bodyHash: 'another' }));
    expect(await claim(b, ...forged)).toEqual(Array(3).fill({ state: 'mismatch' }));
  });

  test('of one queue is nothing to another', async () => {
    await claim(ledgerOf('a'), 'x');
    expect(await claim(ledgerOf('b', dynamo, { scope: 'another' }), 'x')).toEqual([FRESH]);
  });

  test.each([
    ['quotes', `it's "quoted" \\ ?`],
    ['several lines', 'a\r\nb\u2028c'],
    ['emoji', '🛟'],
    ['the sign that divides', '#1##'],
    ['3,000 characters', 'x'.repeat(3_000)],
  ])('takes a key of %s', async (_, key) => {
    expect(await claim(ledgerOf('a'), key)).toEqual([FRESH]);
    await ledgerOf('a').settle([settlement(key, 'delivered')]);
    expect(await claim(ledgerOf('b'), key)).toMatchObject([{ state: 'done' }]);
  });

  test('is still its owner’s where the answer was lost on the way', async () => {
    const proxy = await startLossyProxy(aws.endpoint);
    const client = dynamoClient({ ...root, endpoint: proxy.endpoint });
    try {
      const worker = ledgerOf('worker', client);
      await claim(ledgerOf('dead'), 'taken over');
      clock.pass(LEASE_MS);
      proxy.lose(1);
      expect(await claim(worker, 'new')).toEqual([FRESH]);
      const takeOver = claim(worker, 'taken over');
      expect(await takeOver).toEqual([{ state: 'claimed', unknown: true, attempts: 1 }]);
      proxy.lose(1);
      expect(await worker.settle([settlement('new', 'delivered')])).toEqual([]);
      expect(await claim(ledgerOf('other'), 'new', 'taken over')).toMatchObject([
        { state: 'done', by: { owner: 'worker', number: 1 } },
        { state: 'busy' },
      ]);
    } finally {
      client.destroy();
      await proxy.stop();
    }
  });
});

describe('a lease', () => {
  test('lasts as long as it is extended', async () => {
    const [a, b] = [ledgerOf('a'), ledgerOf('b')];
    await claim(a, 'x');
    clock.pass(LEASE_MS - 1);
    expect(await a.extend(['x'], leaseUntil())).toEqual([true]);
    clock.pass(LEASE_MS - 1);
    expect(await claim(b, 'x')).toMatchObject([{ state: 'busy' }]);
    clock.pass(1);
    expect(await claim(b, 'x')).toMatchObject([{ state: 'claimed', unknown: true }]);
  });

  test('cannot be extended once it is another’s, or settled, or nobody’s', async () => {
    const [a, b] = [ledgerOf('a'), ledgerOf('b')];
    await claim(a, 'lost', 'settled', 'kept');
    await a.settle([settlement('settled', 'delivered')]);
    clock.pass(LEASE_MS);
    await claim(b, 'lost');
    expect(await a.extend(['lost', 'settled', 'never', 'kept'], leaseUntil())).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('a settlement', () => {
  test('as delivered makes every later message with the key a duplicate, and tells who delivered', async () => {
    const a = ledgerOf('a');
    await claim(a, 'x');
    expect(await a.settle([settlement('x', 'delivered', 4)])).toEqual([]);
    const done = { state: 'done', as: 'delivered', by: { owner: 'a', number: 4 } };
    for (const owner of ['a', 'b'])
      expect(await claim(ledgerOf(owner), 'x')).toEqual([{ ...done, sameMessage: true }]);
    expect(await claim(ledgerOf('b'), message('x', 'redriven'))).toEqual([{ ...done, sameMessage: false }]);
  });

  test('as open frees the key at once, as unknown too, and what may have been sent is never forgotten', async () => {
    const settledAs = async (owner: string, as: Settlement['as']) => {
      const ledger = ledgerOf(owner);
      const claims = await claim(ledger, 'x');
      await ledger.settle([settlement('x', as)]);
      return claims[0];
    };
    expect(await settledAs('a', 'open')).toEqual(FRESH);
    expect(await settledAs('b', 'unknown')).toEqual({ state: 'claimed', unknown: false, attempts: 1 });
    expect(await settledAs('c', 'open')).toEqual({ state: 'claimed', unknown: true, attempts: 2 });
    expect(await settledAs('a', 'delivered')).toEqual({ state: 'claimed', unknown: true, attempts: 3 });
  });

  test('as open does not make forgotten what a dead worker may have sent', async () => {
    const [heir, later] = [ledgerOf('heir'), ledgerOf('later')];
    await claim(ledgerOf('dead'), 'x');
    clock.pass(LEASE_MS);
    await claim(heir, 'x');
    await heir.settle([settlement('x', 'open')]);
    expect(await claim(later, 'x')).toEqual([{ state: 'claimed', unknown: true, attempts: 2 }]);
  });

  test('stands for the message that was claimed last: one that was moved has a new id', async () => {
    const heir = ledgerOf('heir');
    await claim(ledgerOf('dead'), 'x');
    clock.pass(LEASE_MS);
    await claim(heir, message('x', 'redriven'));
    await heir.settle([{ ...settlement('x', 'delivered'), messageId: 'redriven' }]);
    expect(await claim(ledgerOf('c'), message('x', 'redriven'))).toMatchObject([{ sameMessage: true }]);
    expect(await claim(ledgerOf('c'), 'x')).toMatchObject([{ sameMessage: false }]);
  });

  test('told again changes nothing', async () => {
    const a = ledgerOf('a');
    await claim(a, 'x', 'y');
    const settlements = [settlement('x', 'delivered', 2), settlement('y', 'unknown', 2)];
    expect(await a.settle(settlements)).toEqual([]);
    const records = await Promise.all(['x', 'y'].map(recordOf));
    clock.pass(10_000);
    expect(await a.settle(settlements)).toEqual([]);
    expect(await Promise.all(['x', 'y'].map(recordOf))).toEqual(records);
  });

  test('records a delivery also where the lease was lost, and its holder hears of it', async () => {
    const [a, b] = [ledgerOf('a'), ledgerOf('b')];
    await claim(a, 'x', 'y', 'z');
    clock.pass(LEASE_MS);
    await claim(b, message('x', 'redriven'), 'y');
    await b.settle([settlement('y', 'open')]);
    expect(await a.settle(['x', 'y', 'z'].map((key) => settlement(key, 'delivered', 3)))).toEqual([]);
    const byA = { state: 'done', as: 'delivered', by: { owner: 'a', number: 3 }, sameMessage: true };
    expect(await claim(ledgerOf('c'), 'x', 'y', 'z')).toMatchObject([byA, byA, byA]);
    expect(await b.settle([settlement('x', 'open', 9)])).toEqual(['x']);
    expect(await b.settle([settlement('x', 'delivered', 9)])).toEqual(['x']);
    expect(await claim(ledgerOf('c'), 'x')).toMatchObject([byA]);
  });

  test('of what a dead worker recorded goes to one of those who would count it', async () => {
    const [dead, b, c] = [ledgerOf('dead'), ledgerOf('b'), ledgerOf('c')];
    await claim(dead, 'x', 'y');
    await dead.settle([settlement('x', 'delivered', 2), settlement('y', 'quarantined', 2)]);
    const from = { owner: 'dead', number: 2 };
    const counted = [
      { ...settlement('x', 'delivered', 7), from },
      { ...settlement('y', 'quarantined', 7), from },
    ];
    const answers = await Promise.all([b, c].map((ledger) => ledger.settle(counted)));
    for (const key of ['x', 'y']) expect(answers.filter((lost) => !lost.includes(key))).toHaveLength(1);
    const [winner, loser] = answers[0]?.includes('x') ? (['c', 'b'] as const) : (['b', 'c'] as const);
    expect(await claim(ledgerOf('d'), 'x')).toEqual([
      { state: 'done', as: 'delivered', by: { owner: winner, number: 7 }, sameMessage: true },
    ]);
    // Told again, where an answer was lost.
    const again = counted.slice(0, 1);
    expect(await ledgerOf(winner).settle(again)).toEqual([]);
    expect(await ledgerOf(loser).settle(again)).toEqual(['x']);
  });

  test.each(['open', 'unknown', 'quarantined'] as const)(
    'as %s changes nothing where the lease was lost',
    async (as) => {
      const [a, b] = [ledgerOf('a'), ledgerOf('b')];
      await claim(a, 'held', 'delivered');
      clock.pass(LEASE_MS);
      await claim(b, 'held', 'delivered');
      await b.settle([settlement('delivered', 'delivered')]);
      expect(await a.settle([settlement('held', as), settlement('delivered', as)])).toEqual([
        'held',
        'delivered',
      ]);
      expect(await claim(ledgerOf('c'), 'held', 'delivered')).toMatchObject([
        { state: 'busy' },
        { state: 'done', as: 'delivered', by: { owner: 'b' } },
      ]);
      expect(await b.extend(['held'], leaseUntil())).toEqual([true]);
    },
  );

  test('as quarantined is final until the message is released, and then the key is free once', async () => {
    const a = ledgerOf('a');
    await claim(a, 'x');
    await a.settle([settlement('x', 'quarantined', 5)]);
    const b = ledgerOf('b');
    expect(await claim(b, 'x')).toEqual([
      { state: 'done', as: 'quarantined', by: { owner: 'a', number: 5 }, sameMessage: true },
    ]);
    const release = (key: string) => reopen(dynamo, 'ledger', { scope: String(testNumber), clock }, key);
    expect(await release('x')).toBe(true);
    expect(await claim(b, 'x')).toEqual([{ state: 'claimed', unknown: false, attempts: 1 }]);
    expect(await release('x')).toBe(false);
    await b.settle([settlement('x', 'delivered')]);
    expect(await release('x')).toBe(false);
    expect(await release('never seen')).toBe(false);
    expect(await claim(a, 'x')).toMatchObject([{ state: 'done', as: 'delivered' }]);
  });
});

describe('a record', () => {
  test('is kept for the retention after its lease, and after it was settled', async () => {
    const a = ledgerOf('a');
    const expiration = async () => Number((await recordOf('x')).expiration?.N) * 1000;
    await claim(a, 'x');
    expect(await expiration()).toBe(leaseUntil().getTime() + RETENTION_MS);
    clock.pass(30_000);
    await a.extend(['x'], leaseUntil());
    expect(await expiration()).toBe(leaseUntil().getTime() + RETENTION_MS);
    clock.pass(3_600_001);
    await a.settle([settlement('x', 'delivered')]);
    const settled = await expiration();
    expect(settled).toBeGreaterThanOrEqual(clock.now().getTime() + RETENTION_MS);
    expect(settled).toBeLessThan(clock.now().getTime() + RETENTION_MS + 1000);
  });

  test('that cannot be read is an error that names it, and the claims beside it are given back', async () => {
    const a = ledgerOf('a');
    await claim(a, 'bad');
    await dynamo.send(
      new UpdateItemCommand({
        TableName: 'ledger',
        Key: { key: { S: `${testNumber}#bad` } },
        UpdateExpression: 'SET leaseUntil = :text',
        ExpressionAttributeValues: { ':text': { S: 'tomorrow' } },
      }),
    );
    await expect(claim(ledgerOf('b'), 'good', 'bad')).rejects.toMatchObject({
      name: 'LedgerDamaged',
      message: expect.stringContaining(`"${testNumber}#bad"`),
    });
    expect(await claim(ledgerOf('c'), 'good')).toEqual([{ state: 'claimed', unknown: false, attempts: 1 }]);
  });

  test('that is gone while it is worked on is an error', async () => {
    await expect(ledgerOf('a').settle([settlement('gone', 'delivered')])).rejects.toMatchObject({
      name: 'LedgerDamaged',
      message: expect.stringContaining(`no record "${testNumber}#gone"`),
    });
  });
});

describe('the ledger', () => {
  test('answers for each of very many keys, in their order', async () => {
    const [a, b] = [ledgerOf('a'), ledgerOf('b')];
    const keys = keysOf(230);
    const isOfB = (_: unknown, index: number) => index % 3 === 0;
    const [ofB, ofA] = [keys.filter(isOfB), keys.filter((key, index) => !isOfB(key, index))];
    expect(await claim(b, ...ofB)).toEqual(ofB.map(() => FRESH));
    const answers = (await claim(a, ...keys)).map(({ state }) => state);
    expect(answers).toEqual(keys.map((key, index) => (isOfB(key, index) ? 'busy' : 'claimed')));
    expect(await a.extend(keys, leaseUntil())).toEqual(keys.map((key, index) => !isOfB(key, index)));
    expect(await a.settle(ofA.map((key) => settlement(key, 'delivered')))).toEqual([]);
    expect((await claim(b, ...ofA)).map(({ state }) => state)).toEqual(ofA.map(() => 'done'));
  });

  const busy = {
    status: 400,
    code: 'ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  };

  test('bears with two refusals of DynamoDB', async () => {
    const lift = aws.gateway.disturb({ match: { service: 'dynamodb' }, fault: busy, times: 2 });
    expect(await claim(ledgerOf('a'), 'x').finally(lift)).toEqual([FRESH]);
  });

  test.each([
    ['refuses all', busy],
    ['cuts every connection', 'drop'],
    ['is broken', { status: 500, code: 'InternalServerError', message: 'internal error' }],
  ] as const)('is unavailable where DynamoDB %s, and nothing is claimed or settled', async (_, fault) => {
    const client = dynamoClient({ ...root, attempts: 1 });
    const a = ledgerOf('a', client);
    await claim(a, 'held');
    const lift = aws.gateway.disturb({ match: { service: 'dynamodb' }, fault });
    try {
      const unavailable = { name: 'LedgerUnavailable', cause: expect.any(Error) };
      await expect(claim(a, 'x')).rejects.toMatchObject(unavailable);
      await expect(a.settle([settlement('held', 'delivered')])).rejects.toMatchObject(unavailable);
    } finally {
      lift();
    }
    expect(await claim(ledgerOf('b'), 'x', 'held')).toMatchObject([FRESH, { state: 'busy' }]);
    expect(await a.settle([settlement('held', 'delivered')])).toEqual([]);
    client.destroy();
  });

  test('gives back what it inserted where it may not go on', async () => {
    await claim(ledgerOf('a'), 'x');
    const lift = aws.gateway.disturb({
      match: { action: 'dynamodb:BatchGetItem' },
      fault: { status: 400, code: 'AccessDeniedException', message: 'no' },
    });
    await expect(claim(ledgerOf('b'), 'x', 'y').finally(lift)).rejects.toThrow('AccessDeniedException: no');
    expect(await claim(ledgerOf('c'), 'y')).toEqual([{ state: 'claimed', unknown: false, attempts: 1 }]);
  });

  test('is unavailable to who may not use it, and where it does not exist', async () => {
    const iam = new IAMClient(root);
    await iam.send(new CreateUserCommand({ UserName: 'stranger' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'stranger' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    const stranger = dynamoClient({ ...root, credentials: { accessKeyId, secretAccessKey } });
    await expect(claim(ledgerOf('a', stranger), 'x')).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      cause: { name: 'AccessDeniedException' },
    });
    const nowhere = ledgerOf('a', dynamo, { table: 'no-such-table' });
    await expect(claim(nowhere, 'x')).rejects.toThrow(
      /^table no-such-table of DynamoDB answered ResourceNotFound/,
    );
    iam.destroy();
    stranger.destroy();
  });

  test('is unavailable where nothing answers at all', async () => {
    const silent = net.createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const client = dynamoClient({
      ...root,
      attempts: 1,
      endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    await expect(ledgerOf('a', client).extend(['x'], leaseUntil())).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      cause: { name: 'TimeoutError' },
    });
    client.destroy();
    silent.close();
  });
});

describe('the accounts of a run', () => {
  const storeOf = (runId: string, workload = 'mailblast') =>
    accountStore(dynamo, 'journal', { workload, runId, clock });
  const account = (received: number) => ({
    ...EMPTY_ACCOUNT,
    received,
    delivered: received,
    reasons: { 'done-before': 2 },
  });

  test('are those of its workers, as they were saved last', async () => {
    const store = storeOf('run-1');
    expect(await store.savedBatch('run-1/1/0/a')).toBe(0);
    expect(await store.all()).toEqual([]);
    await store.save({ owner: 'run-1/1/0/a', number: 1 }, account(10), null);
    await store.save({ owner: 'run-1/1/1/b', number: 1 }, account(7), null);
    clock.pass(1_000);
    await store.save({ owner: 'run-1/1/0/a', number: 2 }, account(20), EMPTY);
    await storeOf('run-2').save({ owner: 'run-2/1/0/a', number: 9 }, account(99), null);
    await storeOf('run-1', 'bots').save({ owner: 'run-1/1/0/a', number: 9 }, account(99), null);
    expect(await store.savedBatch('run-1/1/0/a')).toBe(2);
    expect(await store.all()).toEqual([
      {
        owner: 'run-1/1/0/a',
        batch: 2,
        account: account(20),
        savedAt: clock.now(),
        ending: EMPTY,
      },
      {
        owner: 'run-1/1/1/b',
        batch: 1,
        account: account(7),
        savedAt: new Date(clock.now().getTime() - 1_000),
        ending: null,
      },
    ]);
  });

  test('never go back to an earlier batch, in whatever order they arrive', async () => {
    const store = storeOf('run-3');
    const owner = 'run-3/1/0/a';
    const batches = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(
      batches.toReversed().map((number) => store.save({ owner, number }, account(number), null)),
    );
    expect(await store.all()).toMatchObject([{ batch: 30, account: { received: 30 } }]);
    await store.save({ owner, number: 30 }, account(30), STOPPED);
    await store.save({ owner, number: 30 }, account(30), null);
    await store.save({ owner, number: 29 }, account(29), EMPTY);
    expect(await store.all()).toMatchObject([{ batch: 30, account: { received: 30 }, ending: STOPPED }]);
  });
});
