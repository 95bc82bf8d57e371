import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { KEY_ATTRIBUTE } from '../../shared/delivery/outgoing-message.ts';
import { parseBody } from '../../shared/delivery/parse-body.ts';
import { dynamoLedger, reopen } from '../../shared/ledger/dynamo-ledger.ts';
import { readKeyStatus } from '../../shared/ledger/key-status.ts';
import type { Claim } from '../../shared/ledger/ledger.ts';
import { replay as replaySchema } from '../../shared/plan/sections/replays.ts';
import { bodyHash } from '../../shared/replay/message/body-hash.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import { select, selectionRules } from '../../shared/replay/message/send-leave-or-quarantine.ts';
import type { QuarantineReason } from '../../shared/replay/quarantine/quarantined-message.ts';
import { type ReleasePorts, releaseQuarantined } from '../../shared/replay/quarantine/release.ts';
import { putBackOn } from '../../shared/replay/quarantine/send-to-queue.ts';
import { vaultQuarantine } from '../../shared/replay/quarantine/vault-quarantine.ts';
import type { DeadLetterQueue } from '../../shared/replay/queue/dead-letter-queue.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { type SteppedClock, steppedClock } from '../unit/replay/stepped-clock.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createLedgerTable } from './support/tables.ts';
import { createVaultBucket, rootS3 } from './support/vault-bucket.ts';

const DAY = 86_400_000;
/** Longer than any test. */
const HIDDEN_MS = 600_000;
const RULES = selectionRules(
  replaySchema.parse({ deadLetters: 'dlq', target: { queue: 'orders' }, scenario: 'lost', key: 'body.id' }),
);

let aws: TestAccount;
let bucket: string;
let s3: S3Client;
let sqs: SQSClient;
let dynamo: DynamoDBClient;
let clock: SteppedClock;
/** Makes queue, ledger and quarantine of each test its own. */
let number = 0;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  const root = { endpoint: aws.endpoint, region: aws.region, credentials };
  s3 = rootS3(aws);
  sqs = new SQSClient(root);
  dynamo = dynamoClient(root);
  bucket = await createVaultBucket(s3, 'vault');
  await createLedgerTable(dynamo, 'ledger');
});

afterAll(async () => {
  s3?.destroy();
  sqs?.destroy();
  dynamo?.destroy();
  await aws?.stop();
});

beforeEach(() => {
  number += 1;
  clock = steppedClock(new Date().toISOString());
});

/** A dead-letter queue, the ledger of its replays, and its quarantine: all real. */
async function open({ fifo = false } = {}) {
  const scope = `queue-${number}`;
  const name = `${scope}${fifo ? '.fifo' : ''}`;
  const Attributes = fifo ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const queue = await sqsQueue(sqs, name);
  const quarantine = vaultQuarantine(s3Vault(s3, bucket, 'governance'), scope, 90 * DAY, clock);
  const ports: ReleasePorts = {
    quarantine,
    reopen: (key) => reopen(dynamo, 'ledger', { scope, clock }, key),
    readKeyStatus: async (wanted) =>
      (await readKeyStatus(dynamo, 'ledger', { scope, clock }, [wanted]))[0] ?? 'new',
    send: await putBackOn(sqs, name),
    clock,
  };

  /** A worker of a replay: an owner of claims. */
  function worker(owner: string) {
    const ledger = dynamoLedger(dynamo, 'ledger', {
      scope,
      owner,
      runId: 'run',
      retention: 15 * DAY,
      clock,
    });
    return {
      async claim(message: DeadLetter): Promise<{ key: string; claim: Claim | undefined }> {
        const { key } = keyed(message);
        const { messageId } = message;
        const wanted = { key, bodyHash: bodyHash(message), messageId };
        const [claim] = await ledger.claim([wanted], new Date(clock.now().getTime() + 60_000));
        return { key, claim };
      },
      settle: ({ messageId }: DeadLetter, key: string, as: 'delivered' | 'quarantined') =>
        ledger.settle([{ key, messageId, as, batch: 1 }]),
    };
  }

  /** Takes a message as far as a replay does that finds that its target refuses it. */
  async function refuse(message: DeadLetter, owner = 'run/1/0/a'): Promise<string> {
    const { claim, settle } = worker(owner);
    const { key } = await claim(message);
    const id = await quarantine.keep(message, { ...WHY, key });
    await settle(message, key, 'quarantined');
    await queue.delete([message]);
    return id;
  }

  return {
    queue,
    quarantine,
    ports,
    worker,
    refuse,
    /** The most bytes that the queue takes. */
    limit: (bytes: number) =>
      sqs.send(
        new SetQueueAttributesCommand({ QueueUrl, Attributes: { MaximumMessageSize: String(bytes) } }),
      ),
    async send(
      MessageBody: string,
      MessageAttributes: Record<string, MessageAttributeValue> = {},
      group = 'g',
    ) {
      const order = fifo ? { MessageGroupId: group, MessageDeduplicationId: String(Math.random()) } : {};
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes, ...order }));
    },
  };
}

const WHY: QuarantineReason = { runId: 'run', key: null, kind: 'refused', reason: '400', attempts: 1 };

async function receive(queue: DeadLetterQueue): Promise<DeadLetter> {
  const [received] = await queue.receive({ max: 1, waitMs: 5_000, hiddenMs: HIDDEN_MS });
  if (!received) throw new Error('no message came');
  return received.message;
}

const receiveNow = (queue: DeadLetterQueue) => queue.receive({ max: 10, waitMs: 0, hiddenMs: HIDDEN_MS });

function keyed(message: DeadLetter): { key: string } {
  const selection = select({ message, json: parseBody(message.body).json }, RULES, clock.now());
  if (selection.verdict !== 'send') throw new Error(`not selected: ${JSON.stringify(selection)}`);
  return selection;
}

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const ATTRIBUTES: Record<string, MessageAttributeValue> = {
  plain: { DataType: 'String', StringValue: 'it\'s "so" 🛟\n' },
  count: { DataType: 'Number.int', StringValue: '0042' },
  bytes: { DataType: 'Binary.gif', BinaryValue: BYTES },
};

/** 256 KiB of what breaks in shells, in CSV and in JSON, with an id in it. */
function awkwardBody(): string {
  const awkward = `it's "quoted", \\n is no line, $(rm -rf) %s 🛟 é \t\r\n\n`;
  const json = JSON.stringify({ id: 'o-1', text: awkward.repeat(3_000) }, null, 2);
  return json + ' '.repeat(256 * 1024 - Buffer.byteLength(json));
}

describe('a message in quarantine', () => {
  test('lies in the vault byte for byte, with its attributes, locked', async () => {
    const { queue, quarantine, send } = await open();
    await send(awkwardBody(), ATTRIBUTES);
    const message = await receive(queue);
    const id = await quarantine.keep(message, { ...WHY, key: 'o-1' });

    const { message: kept, why, keptAt } = await quarantine.show(id);
    const { receiptHandle, content, wrapper, ...received } = message;
    expect(kept.body === received.body).toBe(true);
    expect({ ...kept, body: '', attributes: {} }).toEqual({ ...received, body: '', attributes: {} });
    expect(Object.keys(kept.attributes).sort()).toEqual(['bytes', 'count', 'plain']);
    expect(kept.attributes.plain).toEqual({ type: 'String', value: 'it\'s "so" 🛟\n' });
    expect(Buffer.from(kept.attributes.bytes?.value ?? '').equals(BYTES)).toBe(true);
    expect(why).toEqual({ ...WHY, key: 'o-1' });
    expect(keptAt).toEqual(clock.now());

    const { Versions = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: `quarantine/queue-${number}/` }),
    );
    expect(Versions).toHaveLength(1);
    const [{ Key, VersionId } = {}] = Versions;
    await expect(s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('is kept once, however often its worker dies before it deletes it from the queue', async () => {
    const { queue, quarantine, send } = await open();
    await send('{"id":"o-1"}');
    const first = await receive(queue);
    const id = await quarantine.keep(first, { ...WHY, key: 'o-1' });
    await queue.hide([first], 0);
    const second = await receive(queue);
    expect(second.receiveCount).toBe(2);
    expect(await quarantine.keep(second, { ...WHY, key: 'o-1', runId: 'another' })).toBe(id);
    const { total, messages } = await quarantine.list(10);
    expect([total, messages[0]?.runId]).toEqual([1, 'run']);
  });

  test('is one of many, of which the last sent are listed', async () => {
    const { quarantine } = await open();
    const kept = Array.from({ length: 40 }, (_, index) => ({
      messageId: `message-${index}`,
      receiptHandle: '',
      body: `${index}`,
      attributes: {},
      sentAt: new Date(Date.parse('2026-03-01T12:00:00Z') + index * 1_000),
      receiveCount: 1,
      groupId: null,
      deduplicationId: null,
      sourceArn: null,
      traceHeader: null,
      senderId: null,
      firstReceivedAt: null,
    }));
    await Promise.all(kept.map((message) => quarantine.keep(message, WHY)));
    const { total, messages } = await quarantine.list(3);
    expect(total).toBe(40);
    expect(messages.map(({ messageId }) => messageId)).toEqual(['message-39', 'message-38', 'message-37']);
  });
});

describe('a released message', () => {
  test('comes out of its queue as it came in, with its key, and may be sent', async () => {
    const { queue, ports, worker, refuse, send } = await open();
    await send(awkwardBody(), ATTRIBUTES);
    const message = await receive(queue);
    const id = await refuse(message);
    // As long as it is in quarantine, a copy that SQS's redrive brings back is a duplicate.
    expect(await worker('run/2/0/a').claim(message)).toMatchObject({
      claim: { state: 'done', as: 'quarantined' },
    });

    const release = await releaseQuarantined(ports, id, { by: 'ann', again: false });
    const back = await receive(queue);
    expect(back.messageId).toBe(release.messageId);
    expect(back.messageId).not.toBe(message.messageId);
    expect(back.body === message.body).toBe(true);
    expect(back.attributes).toEqual({
      ...message.attributes,
      [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1' },
    });
    expect(await worker('run/2/0/b').claim(back)).toMatchObject({ key: 'o-1', claim: { state: 'claimed' } });
  });

  test('that shared its key with another content is delivered under its own', async () => {
    const { queue, quarantine, ports, worker, send } = await open();
    await send('{"id":"o-1","total":1}');
    const first = await receive(queue);
    const { claim, settle } = worker('run/1/0/a');
    expect(await claim(first)).toMatchObject({ claim: { state: 'claimed' } });
    await settle(first, 'o-1', 'delivered');

    await send('{"id":"o-1","total":2}');
    const second = await receive(queue);
    expect(await claim(second)).toMatchObject({ claim: { state: 'mismatch' } });
    const id = await quarantine.keep(second, { ...WHY, key: 'o-1', kind: 'mismatch' });
    await queue.delete([second]);

    await releaseQuarantined(ports, id, { by: 'ann', again: false });
    const back = await receive(queue);
    expect(await worker('run/2/0/a').claim(back)).toEqual({
      key: `o-1~${bodyHash(second).slice(0, 12)}`,
      claim: { state: 'claimed', unknown: false, attempts: 0, failedRuns: 0, failedBefore: false },
    });
    expect(await worker('run/2/0/b').claim(first)).toMatchObject({
      claim: { state: 'done', as: 'delivered' },
    });
  });

  test('that was sent, by a release that died before it said so, takes effect once', async () => {
    const { queue, ports, worker, refuse, send } = await open();
    await send('{"id":"o-1"}');
    const id = await refuse(await receive(queue));
    const noteRelease = () => Promise.reject(new Error('killed'));
    const dying = { ...ports, quarantine: { ...ports.quarantine, noteRelease } };
    await expect(releaseQuarantined(dying, id, { by: 'ann', again: false })).rejects.toThrow('killed');
    await releaseQuarantined(ports, id, { by: 'ann', again: false });

    const one = await receive(queue);
    const other = await receive(queue);
    const { claim, settle } = worker('run/2/0/a');
    expect(await claim(one)).toMatchObject({ key: 'o-1', claim: { state: 'claimed' } });
    await settle(one, 'o-1', 'delivered');
    expect(await claim(other)).toMatchObject({ key: 'o-1', claim: { state: 'done', sameMessage: false } });
    await expect(releaseQuarantined(ports, id, { by: 'ann', again: true })).rejects.toMatchObject({
      name: 'AlreadyDelivered',
    });
  });

  test('that is refused once more is in quarantine twice, and may be released from there', async () => {
    const { queue, quarantine, ports, refuse, send } = await open();
    await send('{"id":"o-1"}');
    const first = await refuse(await receive(queue));
    await releaseQuarantined(ports, first, { by: 'ann', again: false });
    const second = await refuse(await receive(queue), 'run/2/0/a');
    expect(second).not.toBe(first);
    await releaseQuarantined(ports, second, { by: 'bob', again: false });
    expect(keyed(await receive(queue))).toMatchObject({ key: 'o-1' });
    const { messages } = await quarantine.list(10);
    expect(messages.map(({ releases }) => releases)).toEqual([1, 1]);
  });

  test('of a FIFO queue keeps its group, and the queue drops a second one of the same release', async () => {
    const { queue, ports, refuse, send } = await open({ fifo: true });
    await send('{"id":"o-1"}', {}, 'customer-1');
    const id = await refuse(await receive(queue));
    const noteRelease = () => Promise.reject(new Error('killed'));
    const dying = { ...ports, quarantine: { ...ports.quarantine, noteRelease } };
    await expect(releaseQuarantined(dying, id, { by: 'ann', again: false })).rejects.toThrow('killed');
    await releaseQuarantined(ports, id, { by: 'ann', again: false });

    const back = await receive(queue);
    expect(back).toMatchObject({ body: '{"id":"o-1"}', groupId: 'customer-1' });
    await queue.delete([back]);
    expect(await receiveNow(queue)).toEqual([]);

    await releaseQuarantined(ports, id, { by: 'ann', again: true });
    expect(await receive(queue)).toMatchObject({ groupId: 'customer-1' });
  });

  test('that its queue does not take any more stays in quarantine, and is not noted as released', async () => {
    const { queue, quarantine, ports, refuse, send, limit } = await open();
    await send('{"id":"o-1"}'.padEnd(2_048));
    const id = await refuse(await receive(queue));
    await limit(1_024);
    await expect(releaseQuarantined(ports, id, { by: 'ann', again: false })).rejects.toMatchObject({
      name: 'MessageRefused',
      message: expect.stringContaining(`queue-${number}`),
    });
    expect(await quarantine.show(id)).toMatchObject({ releases: [] });
    expect(await receiveNow(queue)).toEqual([]);

    await limit(4_096);
    await releaseQuarantined(ports, id, { by: 'ann', again: false });
    expect(keyed(await receive(queue))).toMatchObject({ key: 'o-1' });
  });

  test('needs a queue to go to', async () => {
    await expect(putBackOn(sqs, 'none')).rejects.toMatchObject({
      name: 'TargetMisconfigured',
      message: expect.stringContaining('"none"'),
    });
  });
});
