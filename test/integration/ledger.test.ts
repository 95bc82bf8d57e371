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
import { ledgerContract } from '../contract/ledger.ts';
import { type SteppedClock, steppedClock } from '../unit/replay/stepped-clock.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { startLossyProxy } from './support/lossy-proxy.ts';
import { createLedgerTable } from './support/tables.ts';

const LEASE_MS = 60_000;
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
});

/** Each ledger has a scope of its own, so that it is empty. */
let scopes = 0;
ledgerContract('DynamoDB', (clock) => {
  const scope = `contract-${++scopes}`;
  return (owner) => {
    const [runId = ''] = owner.split('/');
    return dynamoLedger(dynamo, 'ledger', { scope, owner, runId, retention: RETENTION_MS, clock });
  };
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
const FRESH: Claim = { state: 'claimed', unknown: false, attempts: 0, failedBefore: false, failedRuns: 0 };

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

describe('a claim', () => {
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
      Array(3).fill({ state: 'claimed', unknown: true, attempts: 1, failedBefore: false, failedRuns: 0 }),
    );
  });

  test('of one queue is nothing to another', async () => {
    await claim(ledgerOf('a'), 'x');
    expect(await claim(ledgerOf('b', dynamo, { scope: 'another' }), 'x')).toEqual([FRESH]);
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
      expect(await takeOver).toEqual([
        { state: 'claimed', unknown: true, attempts: 1, failedBefore: false, failedRuns: 0 },
      ]);
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

describe('a settlement', () => {
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
    expect(await claim(b, 'x')).toEqual([
      { state: 'claimed', unknown: false, attempts: 1, failedBefore: false, failedRuns: 0 },
    ]);
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
    expect(await claim(ledgerOf('c'), 'good')).toEqual([
      { state: 'claimed', unknown: false, attempts: 1, failedBefore: false, failedRuns: 0 },
    ]);
  });

  test('that is gone while it is worked on is an error', async () => {
    await expect(ledgerOf('a').settle([settlement('gone', 'delivered')])).rejects.toMatchObject({
      name: 'LedgerDamaged',
      message: expect.stringContaining(`no record "${testNumber}#gone"`),
    });
  });
});

describe('the ledger', () => {
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
    expect(await claim(ledgerOf('c'), 'y')).toEqual([
      { state: 'claimed', unknown: false, attempts: 1, failedBefore: false, failedRuns: 0 },
    ]);
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
      cause: { name: 'ServiceUnreachable', cause: { name: 'TimeoutError' } },
    });
    client.destroy();
    silent.close();
  });
});
