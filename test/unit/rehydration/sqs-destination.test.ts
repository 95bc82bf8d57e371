import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, LedgerUnavailable, type Settlement } from '../../../shared/ledger/ledger.ts';
import type { Destination } from '../../../shared/rehydration/destination.ts';
import type { Message } from '../../../shared/rehydration/message.ts';
import { inCalls, sqsDestination, sqsRules } from '../../../shared/rehydration/sqs-destination.ts';
import { steppedClock } from '../replay/stepped-clock.ts';

const mock = mockClient(SQSClient);
const never = new AbortController().signal;
let settled: Map<string, Settlement['as']>;

beforeEach(() => {
  mock.reset();
  mock.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '1' } });
  mock.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs' });
  settled = new Map();
});

/** Knows nothing at first, and notes what it is told. */
const noting = (): Ledger => ({
  claim: async (wanted) =>
    wanted.map(() => ({ state: 'claimed', unknown: false, attempts: 0, failedBefore: false, failedRuns: 0 })),
  extend: async (keys) => keys.map(() => true),
  settle: async (settlements) => {
    for (const { key, as } of settlements) settled.set(key, as);
    return [];
  },
});

function open(queue: string, ledger: Partial<Ledger> = {}): Promise<Destination> {
  const ports = {
    sqs: new SQSClient({ region: 'eu-west-1' }),
    ledger: { ...noting(), ...ledger },
    readKeyStatus: async () => [],
    clock: steppedClock(),
  };
  return sqsDestination(ports, { queue, rehydration: 'jobs' });
}

const message = (id: string, group: string | null = null): Message => ({ id, body: `body of ${id}`, group });

/** How SQS answers each message, by its body and by how often it was asked; accepted unless told otherwise. */
function answer(how: (body: string, attempt: number) => 'SenderFault' | 'ServiceFault' | Error | undefined) {
  const attempts = new Map<string, number>();
  mock.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
    const answers = Entries.map((entry: { Id: string; MessageBody: string }) => {
      const attempt = (attempts.get(entry.MessageBody) ?? 0) + 1;
      attempts.set(entry.MessageBody, attempt);
      return { Id: entry.Id, fault: how(entry.MessageBody, attempt) };
    });
    for (const { fault } of answers) if (fault instanceof Error) throw fault;
    return {
      Failed: answers
        .filter(({ fault }: { fault: unknown }) => fault !== undefined)
        .map(({ Id, fault }: { Id: string; fault: string }) => ({
          Id,
          Code: fault,
          Message: 'the reason',
          SenderFault: fault === 'SenderFault',
        })),
    };
  });
  return attempts;
}

const SENT = { outcome: 'sent', resent: false };
const failure = (reason: RegExp) => ({ outcome: 'failed', reason: expect.stringMatching(reason) });
const unavailable = Object.assign(new Error('busy'), {
  name: 'ServiceUnavailable',
  $metadata: { httpStatusCode: 503 },
});
const cut = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

describe('a call of which SQS takes a part', () => {
  test('leaves the part that it refuses free for the next attempt, and says why', async () => {
    const attempts = answer((body) => (body === 'body of 2' ? 'SenderFault' : undefined));
    const destination = await open('jobs');
    expect(await destination.put([message('1'), message('2'), message('3')], never)).toEqual([
      SENT,
      failure(/queue "jobs": SenderFault: the reason/),
      SENT,
    ]);
    expect(attempts.get('body of 2')).toBe(1);
    expect(Object.fromEntries(settled)).toEqual({ 1: 'delivered', 2: 'open', 3: 'delivered' });
  });

  test('is asked again for the part that it could not do', async () => {
    const attempts = answer((body, attempt) =>
      body === 'body of 2' && attempt === 1 ? 'ServiceFault' : undefined,
    );
    const destination = await open('jobs');
    expect(await destination.put([message('1'), message('2')], never)).toEqual([SENT, SENT]);
    expect(Object.fromEntries(attempts)).toEqual({ 'body of 1': 1, 'body of 2': 2 });
  });
});

describe('a call that fails', () => {
  test('without an effect is repeated, and counts nothing as unknown', async () => {
    answer((_, attempt) => (attempt < 3 ? unavailable : undefined));
    expect(await (await open('jobs')).put([message('1')], never)).toEqual([SENT]);
  });

  test('with an unknown effect is repeated, and counts as unknown', async () => {
    answer((_, attempt) => (attempt < 3 ? cut : undefined));
    expect(await (await open('jobs')).put([message('1')], never)).toEqual([
      { outcome: 'sent', resent: true },
    ]);
  });

  test('each time ends, and the ledger knows whether it may have had an effect', async () => {
    const attempts = answer((body) => (body === 'body of 1' ? cut : unavailable));
    const destination = await open('jobs');
    expect(await destination.put([message('1')], never)).toEqual([failure(/socket hang up/)]);
    expect(await destination.put([message('2')], never)).toEqual([failure(/busy/)]);
    expect(Object.fromEntries(settled)).toEqual({ 1: 'unknown', 2: 'open' });
    expect(Object.fromEntries(attempts)).toEqual({ 'body of 1': 3, 'body of 2': 3 });
  });
});

describe('a group of a FIFO queue', () => {
  const group = ['1', '2', '3'].map((id) => message(id, 'a'));

  test('sends nothing behind a message that could not be sent, then and later; others go on', async () => {
    const attempts = answer((body) => (body === 'body of 1' ? 'SenderFault' : undefined));
    const destination = await open('jobs.fifo');
    const behind = failure(/before it in group "a" could not be sent/);
    expect(await destination.put([...group, message('b1', 'b')], never)).toEqual([
      failure(/SenderFault/),
      behind,
      behind,
      SENT,
    ]);
    expect(await destination.put([message('4', 'a'), message('b2', 'b')], never)).toEqual([behind, SENT]);
    expect([...attempts.keys()].sort()).toEqual(['body of 1', 'body of b1', 'body of b2']);
  });

  test('sends nothing behind a message that the ledger was not asked for', async () => {
    const attempts = answer(() => undefined);
    let asked = 0;
    const destination = await open('jobs.fifo', {
      claim: async (wanted) => {
        if (++asked === 1) throw new LedgerUnavailable('away');
        return wanted.map(() => ({
          state: 'claimed',
          unknown: false,
          attempts: 0,
          failedBefore: false,
          failedRuns: 0,
        }));
      },
    });
    await expect(destination.put(group, never)).rejects.toThrow(LedgerUnavailable);
    expect([...attempts.keys()]).toEqual([]);
  });

  test('carries group and an id that is the same each time', async () => {
    answer((_, attempt) => (attempt === 1 ? cut : undefined));
    await (await open('jobs.fifo')).put([message('1', 'a')], never);
    const entries = mock.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries?.[0]);
    expect(entries).toHaveLength(2);
    expect(entries[0]).toEqual(entries[1]);
    expect(entries[0]).toMatchObject({
      MessageGroupId: 'a',
      MessageDeduplicationId: expect.stringMatching(/^lifeboat-[0-9a-f]{64}$/),
    });
  });
});

test('nothing is sent once the signal fired, and what was claimed is free', async () => {
  const attempts = answer(() => undefined);
  const over = new AbortController();
  const destination = await open('jobs', {
    claim: async (wanted) => {
      over.abort(new Error('the time is over'));
      return wanted.map(() => ({
        state: 'claimed',
        unknown: false,
        attempts: 0,
        failedBefore: false,
        failedRuns: 0,
      }));
    },
  });
  expect(await destination.put([message('1')], over.signal)).toEqual([failure(/not begun/)]);
  expect([...attempts.keys()]).toEqual([]);
  expect(Object.fromEntries(settled)).toEqual({ 1: 'open' });
});

describe('the bytes of a call', () => {
  const sized = (id: string, bytes: number): Message => ({
    id,
    body: 'x'.repeat(bytes - id.length - 'LifeboatKeyString'.length),
    group: null,
  });

  test.each([
    [[100_000, 100_000, 62_144], 1],
    [[100_000, 100_000, 62_145], 2],
    [[262_144, 262_144, 100], 3],
    [[100, 262_144, 100], 3],
  ])('are never more than 256 KiB: %j in %i calls', (sizes, calls) => {
    const divided = inCalls(sizes.map((bytes, index) => sized(String(index), bytes)));
    expect(divided).toHaveLength(calls);
    expect(divided.flat().map(({ id }) => id)).toEqual(sizes.map((_, index) => String(index)));
  });

  test('hold the longest row that is allowed, alone', () => {
    const { bytes } = sqsRules('jobs', 'jobs');
    const longest = { id: 'jobs#k', body: 'x'.repeat(bytes - 'k'.length), group: null };
    expect(inCalls([longest])).toEqual([[longest]]);
    expect(inCalls([longest, message('2')])).toHaveLength(2);
    expect(Buffer.byteLength(longest.body) + Buffer.byteLength(longest.id) + 'LifeboatKeyString'.length).toBe(
      262_144,
    );
  });
});
