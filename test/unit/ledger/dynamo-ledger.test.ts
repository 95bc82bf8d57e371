import { createHash } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementErrorCodeEnum,
  type BatchStatementResponse,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { judgeClaim, judgeSettlement } from '../../../shared/ledger/decide-claim.ts';
import { dynamoLedger } from '../../../shared/ledger/dynamo-ledger.ts';
import { LedgerUnavailable, type Settlement } from '../../../shared/ledger/ledger.ts';
import { type LedgerRecord, recordKey } from '../../../shared/ledger/ledger-record.ts';
import { ledgerTable } from '../../../shared/ledger/ledger-table.ts';
import { type SteppedClock, steppedClock } from '../replay/stepped-clock.ts';

const NOW = new Date('2026-10-05T02:00:00Z');
const LEASE = NOW.getTime() + 60_000;

/** A claim of worker-a on a message, as the ledger keeps it. */
const claimed: Extract<LedgerRecord, { state: 'claimed' | 'open' | 'unknown' }> = {
  state: 'claimed',
  owner: 'worker-a',
  claim: 3,
  leaseUntil: LEASE,
  bodyHash: 'hash',
  messageId: 'message-1',
  attempts: 2,
  unknown: false,
  failedRun: undefined,
  failedBefore: false,
  failedRunsBefore: 0,
  acceptedOthers: false,
};
const neverFailed = { failedBefore: false, failedRuns: 0 };
const delivered: LedgerRecord = { ...claimed, state: 'delivered', batch: 7 };
const wanted = { key: 'key', bodyHash: 'hash', messageId: 'message-1' };
const other = { owner: 'worker-b', runId: 'run-2', claim: 1 };
const withLeaseLeft = (milliseconds: number) => new Date(LEASE - milliseconds);

describe('a claim on a key that the ledger knows', () => {
  test.each<[string, LedgerRecord]>([
    ['claimed', claimed],
    ['free', { ...claimed, state: 'open' }],
    ['delivered', delivered],
  ])('is a mismatch where the body differs, also where the key is %s', (_, record) => {
    expect(judgeClaim(record, { ...wanted, bodyHash: 'other' }, other, NOW)).toEqual({ state: 'mismatch' });
  });

  test('is done where the message was delivered, and by which batch', () => {
    const by = { owner: 'worker-a', number: 7 };
    expect(judgeClaim(delivered, wanted, other, NOW)).toEqual({
      state: 'done',
      as: 'delivered',
      by,
      sameMessage: true,
    });
    expect(judgeClaim(delivered, { ...wanted, messageId: 'message-2' }, other, NOW)).toMatchObject({
      by,
      sameMessage: false,
    });
  });

  test('is done where the message is in quarantine', () => {
    expect(judgeClaim({ ...delivered, state: 'quarantined' }, wanted, other, NOW)).toMatchObject({
      state: 'done',
      as: 'quarantined',
    });
  });

  test('is busy to the last millisecond of the lease', () => {
    expect(judgeClaim(claimed, wanted, other, withLeaseLeft(1))).toEqual({
      state: 'busy',
      until: new Date(LEASE),
    });
  });

  test('is free when the lease has run out, and then the message may have been sent', () => {
    expect(judgeClaim(claimed, wanted, other, withLeaseLeft(0))).toEqual({
      state: 'free',
      unknown: true,
      attempts: 3,
      ...neverFailed,
    });
  });

  test('is never free to its own owner, who may be sending', () => {
    const again = { owner: 'worker-a', runId: 'run-1', claim: 4 };
    expect(judgeClaim(claimed, wanted, again, withLeaseLeft(-60_000))).toMatchObject({ state: 'busy' });
  });

  test('is the one that was made, where only its answer was lost', () => {
    expect(
      judgeClaim({ ...claimed, unknown: true }, wanted, { owner: 'worker-a', runId: 'run-1', claim: 3 }, NOW),
    ).toEqual({
      state: 'claimed',
      unknown: true,
      attempts: 2,
      ...neverFailed,
    });
  });

  test.each([
    ['open', false],
    ['open', true],
    ['unknown', true],
  ] as const)('is free where it ended as %s, and what may have been sent stays so (%s)', (state, unknown) => {
    expect(judgeClaim({ ...claimed, state, unknown }, wanted, other, NOW)).toEqual({
      state: 'free',
      unknown,
      attempts: 3,
      ...neverFailed,
    });
  });
});

describe('a settlement whose claim is not held', () => {
  const settlement = (as: Settlement['as'], batch = 7): Settlement => ({
    key: 'key',
    messageId: 'message-1',
    as,
    batch,
  });
  const taken: LedgerRecord = { ...claimed, owner: 'worker-b' };

  test.each(['delivered', 'quarantined'] as const)('was recorded, if this %s is what stands there', (as) => {
    const record: LedgerRecord = { ...claimed, state: as, batch: 7 };
    expect(judgeSettlement(record, settlement(as), 'worker-a')).toBe('recorded');
    expect(judgeSettlement(record, settlement(as), 'worker-b')).not.toBe('recorded');
    expect(judgeSettlement(record, settlement(as, 8), 'worker-a')).not.toBe('recorded');
    expect(judgeSettlement({ ...record, messageId: 'message-2' }, settlement(as), 'worker-a')).not.toBe(
      'recorded',
    );
  });

  test.each(['open', 'unknown'] as const)('was recorded, if the key is free as %s by this owner', (as) => {
    expect(judgeSettlement({ ...claimed, state: as }, settlement(as), 'worker-a')).toBe('recorded');
    expect(judgeSettlement({ ...taken, state: as }, settlement(as), 'worker-a')).toBe('lost');
  });

  test.each<[string, LedgerRecord]>([
    ['claimed', taken],
    ['free', { ...taken, state: 'open' }],
    ['in quarantine', { ...taken, state: 'quarantined', batch: 1 }],
  ])('overrules it as delivered, where it is %s by another: a delivery is a fact', (_, record) => {
    expect(judgeSettlement(record, settlement('delivered'), 'worker-a')).toBe('overrule');
  });

  test.each<[Settlement['as'], LedgerRecord]>([
    ['delivered', { ...delivered, owner: 'worker-b' }],
    ['quarantined', { ...delivered, owner: 'worker-b' }],
    ['quarantined', taken],
    ['open', taken],
    ['unknown', taken],
  ])('is lost as %s, where another has the last word', (as, record) => {
    expect(judgeSettlement(record, settlement(as), 'worker-a')).toBe('lost');
  });
});

describe('the key of a record', () => {
  test('tells queues apart', () => {
    expect(recordKey('events', 'a')).toBe('events#a');
    expect(recordKey('bounces', 'a')).toBe('bounces#a');
  });

  test('is a hash where the key is longer than DynamoDB takes, measured in bytes', () => {
    const longest = 'x'.repeat(2048 - 'events#'.length);
    expect(recordKey('events', longest)).toBe(`events#${longest}`);
    const tooLong = 'é'.repeat(1024);
    expect(recordKey('events', tooLong)).toBe(
      `events#sha256:${createHash('sha256').update(tooLong).digest('hex')}`,
    );
    expect(recordKey('events', `${longest}y`)).not.toBe(recordKey('events', `${longest}z`));
  });
});

describe('the ledger, when DynamoDB has no room', () => {
  const dynamo = mockClient(DynamoDBClient);
  let clock: SteppedClock;
  const ledger = () =>
    dynamoLedger(new DynamoDBClient({ region: 'us-east-1' }), 'ledger', {
      scope: 'events',
      owner: 'worker-a',
      runId: 'run',
      retention: 86_400_000,
      clock,
    });
  const lease = new Date(LEASE);
  const want = (...keys: string[]) => keys.map((key) => ({ ...wanted, key }));
  const throttled = (Code: BatchStatementErrorCodeEnum = 'ThrottlingError'): BatchStatementResponse => ({
    Error: { Code, Message: 'slow down' },
  });
  const done: BatchStatementResponse = {};
  const statements = () =>
    dynamo
      .commandCalls(BatchExecuteStatementCommand)
      .map(({ args }) => args[0].input.Statements?.map(({ Parameters }) => Parameters?.[0]?.S));

  beforeEach(() => {
    dynamo.reset();
    clock = steppedClock();
  });

  test.each([
    'ThrottlingError',
    'ProvisionedThroughputExceeded',
    'RequestLimitExceeded',
    'TransactionConflict',
    'InternalServerError',
  ] as const)(
    'asks again after %s, for that key alone, and answers in the order of the keys',
    async (code) => {
      dynamo
        .on(BatchExecuteStatementCommand)
        .resolvesOnce({ Responses: [done, throttled(code), done, throttled(code)] })
        .resolvesOnce({ Responses: [throttled(code), done] })
        .resolvesOnce({ Responses: [done] });
      expect(await ledger().claim(want('a', 'b', 'c', 'd'), lease)).toEqual(
        Array(4).fill({ state: 'claimed', unknown: false, attempts: 0, ...neverFailed }),
      );
      expect(statements()).toEqual([
        ['events#a', 'events#b', 'events#c', 'events#d'],
        ['events#b', 'events#d'],
        ['events#b'],
      ]);
      expect(clock.slept).toHaveLength(2);
    },
  );

  test('is unavailable after some seconds of it, and gives back what it had claimed', async () => {
    dynamo.on(BatchExecuteStatementCommand).callsFake(({ Statements }) => ({
      Responses: Statements.map(({ Parameters }: { Parameters: { S: string }[] }) =>
        Parameters[0]?.S === 'events#b' ? throttled() : done,
      ),
    }));
    await expect(ledger().claim(want('a', 'b'), lease)).rejects.toThrow(
      new LedgerUnavailable('table ledger of DynamoDB answered ThrottlingError: slow down (attempt 8)'),
    );
    expect(clock.slept.reduce((sum, ms) => sum + ms)).toBeLessThan(5_000);
    const last = dynamo.commandCalls(BatchExecuteStatementCommand).at(-1)?.args[0].input.Statements ?? [];
    expect(last.map(({ Parameters }) => Parameters)).toEqual(
      ['events#a', 'events#b'].map((key) => [
        { S: 'open' },
        { S: key },
        { S: 'worker-a' },
        { N: '1' },
        { S: 'claimed' },
      ]),
    );
  });

  test.each(['AccessDenied', 'ResourceNotFound', 'ValidationError'] as const)(
    'does not ask again after %s',
    async (code) => {
      dynamo.on(BatchExecuteStatementCommand).resolves({ Responses: [throttled(code)] });
      await expect(ledger().settle([{ key: 'a', messageId: 'm', as: 'open', batch: 1 }])).rejects.toThrow(
        new LedgerUnavailable(`table ledger of DynamoDB answered ${code}: slow down (attempt 1)`),
      );
      expect(dynamo.calls()).toHaveLength(1);
    },
  );

  test('is unavailable where an answer is missing: it does not pass for a claim', async () => {
    dynamo.on(BatchExecuteStatementCommand).resolves({ Responses: [done] });
    await expect(ledger().claim(want('a', 'b'), lease)).rejects.toThrow('not to each statement');
  });

  test('keeps the error of a call that failed as a whole', async () => {
    const cause = Object.assign(new Error('try later'), { name: 'ProvisionedThroughputExceededException' });
    dynamo.on(BatchExecuteStatementCommand).rejects(cause);
    await expect(ledger().extend(['a'], lease)).rejects.toMatchObject({ name: 'LedgerUnavailable', cause });
  });

  const recordOf = (key: string) => ({
    key: { S: `events#${key}` },
    state: { S: 'open' },
    owner: { S: 'worker-b' },
    claim: { N: '1' },
    leaseUntil: { N: '1' },
    bodyHash: { S: 'hash' },
    messageId: { S: 'message-1' },
  });
  const exists: BatchStatementResponse = { Error: { Code: 'DuplicateItem' } };
  const changed: BatchStatementResponse = { Error: { Code: 'ConditionalCheckFailed' } };

  test('reads what it had no room for again, and finds each record its key, in whatever order they come', async () => {
    const keysLeft = { ledger: { Keys: [{ key: { S: 'events#b' } }] } };
    dynamo
      .on(BatchExecuteStatementCommand)
      .resolvesOnce({ Responses: [exists, exists, exists] })
      .resolvesOnce({ Responses: [done, done, done] })
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { ledger: [recordOf('c'), recordOf('a')] }, UnprocessedKeys: keysLeft })
      .resolvesOnce({ UnprocessedKeys: keysLeft })
      .resolvesOnce({ Responses: { ledger: [{ ...recordOf('b'), attempts: { N: '6' } }] } });
    expect(await ledger().claim(want('a', 'b', 'c'), lease)).toEqual([
      { state: 'claimed', unknown: false, attempts: 1, ...neverFailed },
      { state: 'claimed', unknown: false, attempts: 7, ...neverFailed },
      { state: 'claimed', unknown: false, attempts: 1, ...neverFailed },
    ]);
    const reads = dynamo
      .commandCalls(BatchGetItemCommand)
      .map(({ args }) => args[0].input.RequestItems?.ledger);
    expect(reads.map((read) => read?.Keys?.map(({ key }) => key?.S))).toEqual([
      ['events#a', 'events#b', 'events#c'],
      ['events#b'],
      ['events#b'],
    ]);
    expect(reads.every((read) => read?.ConsistentRead)).toBe(true);
  });

  test('is unavailable where it never has room to be read: a record that was not read is not one that is gone', async () => {
    dynamo.on(BatchExecuteStatementCommand).resolves({ Responses: [exists] });
    dynamo.on(BatchGetItemCommand).resolves({
      UnprocessedKeys: { ledger: { Keys: [{ key: { S: 'events#a' } }] } },
    });
    await expect(ledger().claim(want('a'), lease)).rejects.toMatchObject({ name: 'LedgerUnavailable' });
    expect(clock.slept.reduce((sum, ms) => sum + ms)).toBeLessThan(5_000);
  });

  test('lets a key that is changed all the time be busy, at once', async () => {
    dynamo.on(BatchExecuteStatementCommand).callsFake(({ Statements: [{ Statement }] }) => ({
      Responses: [/^INSERT/.test(Statement) ? exists : changed],
    }));
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { ledger: [recordOf('a')] } });
    expect(await ledger().claim(want('a'), lease)).toEqual([{ state: 'busy', until: NOW }]);
  });

  test('leaves another delivery as it is that is recorded while a lost one is', async () => {
    dynamo.on(BatchExecuteStatementCommand).resolves({ Responses: [changed] });
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { ledger: [recordOf('a')] } });
    expect(await ledger().settle([{ key: 'a', messageId: 'm', as: 'delivered', batch: 1 }])).toEqual(['a']);
    const overruling = dynamo.commandCalls(BatchExecuteStatementCommand)[1]?.args[0].input.Statements?.[0];
    expect(overruling?.Statement).toMatch(/ WHERE "key" = \? AND "state" <> \?$/);
    expect(overruling?.Parameters?.slice(-2)).toEqual([{ S: 'events#a' }, { S: 'delivered' }]);
  });

  test('claims a key whose record expires while it is looked at', async () => {
    dynamo
      .on(BatchExecuteStatementCommand)
      .resolvesOnce({ Responses: [exists] })
      .resolves({ Responses: [done] })
      .on(BatchGetItemCommand)
      .resolves({ Responses: { ledger: [] } });
    expect(await ledger().claim(want('a'), lease)).toEqual([
      { state: 'claimed', unknown: false, attempts: 0, ...neverFailed },
    ]);
  });
});

test('a key that is looked up twice at once is read once: DynamoDB refuses a batch that names a key twice', async () => {
  const dynamo = mockClient(DynamoDBClient);
  dynamo.on(BatchGetItemCommand).resolves({});
  const table = ledgerTable(new DynamoDBClient({ region: 'us-east-1' }), 'ledger', steppedClock());
  expect(await table.read(['a', 'b', 'a'])).toEqual([null, null, null]);
  expect(dynamo.commandCalls(BatchGetItemCommand)[0]?.args[0].input.RequestItems?.ledger?.Keys).toEqual([
    { key: { S: 'a' } },
    { key: { S: 'b' } },
  ]);
});

test('thousands of keys are looked up by a few calls at the same time', async () => {
  const dynamo = mockClient(DynamoDBClient);
  let [calls, now, most] = [0, 0, 0];
  dynamo.on(BatchGetItemCommand).callsFake(async () => {
    calls += 1;
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now -= 1;
    return {};
  });
  const table = ledgerTable(new DynamoDBClient({ region: 'us-east-1' }), 'ledger', steppedClock());
  await table.read(Array.from({ length: 2_000 }, (_, index) => `key-${index}`));
  expect({ calls, most }).toEqual({ calls: 20, most: 8 });
  dynamo.restore();
});

describe('a batch of the ledger', () => {
  const dynamo = mockClient(DynamoDBClient);
  const ledger = dynamoLedger(new DynamoDBClient({ region: 'us-east-1' }), 'ledger', {
    scope: 'events',
    owner: 'worker-a',
    runId: 'run',
    retention: 1,
    clock: steppedClock(),
  });

  test('does not hold a key twice', async () => {
    await expect(ledger.claim([wanted, { ...wanted, messageId: '2' }], NOW)).rejects.toThrow(
      'the key "key" is in one batch twice',
    );
    await expect(ledger.extend(['a', 'a'], NOW)).rejects.toThrow('"a" is in one batch twice');
    expect(dynamo.calls()).toEqual([]);
  });

  test('may be empty', async () => {
    expect(await ledger.claim([], NOW)).toEqual([]);
    expect(await ledger.extend([], NOW)).toEqual([]);
    expect(await ledger.settle([])).toEqual([]);
    expect(dynamo.calls()).toEqual([]);
  });
});
