import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { sum } from '../../shared/replay/account/account.ts';
import {
  aboutLostCampaign,
  deployed,
  dynamo,
  LIMIT_MS,
  open,
  range,
  roleOf,
  sqs,
} from './support/replay-faults.ts';
import { startKiller } from './support/replay-killer.ts';

describe.concurrent('a replay', () => {
  test(
    'delivers what the application has not, and accounts for every message',
    async () => {
      const it = await open(30);
      for (const known of range(5)) await it.receive(known);
      await it.queue.put([
        ...range(20, 10).map(it.event), // copies
        ...range(33, 30).map((index) => aboutLostCampaign(it.event(index))),
        '{"cut": ',
        'Dear all,\nthe webhook is "down" \\o/ 😱',
      ]);
      const { outcome, account } = await it.replay();
      expect(outcome).toBe('replayed');
      expect(account).toMatchObject({
        received: 45,
        delivered: 25,
        duplicates: 15,
        quarantined: 5,
        returned: 0,
        unknown: 0,
        reasons: { 'application-has-it': 5, 'done-before': 10, refused: 3, unparsable: 2 },
      });
      await it.expectRecorded(range(30));
      expect(it.webhook.counts()).toMatchObject({ effects: 30, known: 0 });
      expect(await it.quarantined()).toBe(5);
      expect(await it.queue.left()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'whose target is down sends nothing and hides nothing, and is done when it is up',
    async () => {
      const it = await open(20);
      await it.webhook.down();
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/the target is unhealthy: .*ECONNREFUSED/),
      });
      expect(account).toMatchObject({ received: 0 });
      expect(await it.queue.visible()).toBe(20);
      await it.webhook.up();
      expect(await it.replay()).toMatchObject({
        outcome: 'replayed',
        account: { delivered: 20, unknown: 0 },
      });
      await it.expectRecorded(range(20));
    },
    LIMIT_MS,
  );

  test(
    'whose target goes down in the middle stops, and loses nothing',
    async () => {
      const it = await open(100);
      const ended = await it.startReplay(15, { rate: 20 });
      await it.webhook.down();
      const { outcome, account } = await ended();
      expect(outcome).toBe('stopped');
      expect(account.delivered).toBeLessThan(100);
      expect(await it.queue.visible()).toBe(100 - account.delivered);
      await it.webhook.up();
      await it.replayToTheEnd();
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );

  test.each([
    ['fails', { status: 500 }],
    ['asks for a pause', { status: 429, retryAfter: '1' }],
    ['hangs after the effect', { hang: 'after the effect' as const }],
    ['closes the connection in the middle of its answer', { cut: 'after the effect' as const }],
  ])(
    'whose target %s now and then comes to its end',
    async (_, fault) => {
      const it = await open(40);
      it.webhook.inject({ fault, oneIn: 7 });
      expect(await it.replay()).toMatchObject({ outcome: 'replayed' });
      await it.replayToTheEnd(); // one may have met it five times in a row
      await it.expectRecorded(range(40));
      it.expectCounted(40);
    },
    LIMIT_MS,
  );

  test(
    'whose first three messages all fail sends nothing else',
    async () => {
      const it = await open(20);
      it.webhook.inject({ fault: { status: 401 } });
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/the canary failed: 3 different messages.*401/),
      });
      expect(account).toMatchObject({ received: 3, returned: 3 });
      expect(await it.queue.visible()).toBe(20);
    },
    LIMIT_MS,
  );

  test(
    'of a queue that another replay works on is refused, and the other comes to its end',
    async () => {
      const it = await open(60);
      const ended = await it.startReplay(5, { rate: 20 });
      const { outcome, reason, account } = await it.replay();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/another replay holds this queue/),
      });
      expect(account).toMatchObject({ received: 0 });
      const schedule = { queue: it.name, startedBy: 'schedule', requestId: 'meanwhile', ifNeeded: true };
      expect(await deployed.invoke('start-replay', schedule)).toMatchObject({ executionArn: null });
      expect(await ended()).toMatchObject({ outcome: 'replayed', account: { delivered: 60, returned: 0 } });
      await it.expectRecorded(range(60));
      // It let go of the queue.
      await it.queue.put([it.event(60)]);
      expect(await it.replay()).toMatchObject({ outcome: 'replayed', account: { delivered: 1 } });
    },
    LIMIT_MS,
  );

  test(
    'that is dry says what would happen, sends nothing and hides nothing',
    async () => {
      const it = await open(20);
      await it.queue.put([it.event(0), 'no event']);
      const { outcome, reason, account } = await it.replay({ dryRun: true });
      expect(outcome).toBe('dry-run');
      expect(reason).toMatch(
        /^22 messages in the queue and 0 hidden, 22 read: (?=.*20 deliver)(?=.*1 duplicate)(?=.*1 unparsable)/,
      );
      expect(account).toEqual(sum([]));
      expect(await it.queue.visible()).toBe(22);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'with a filter leaves the others in the queue, visible at once',
    async () => {
      const it = await open(30);
      const filter = `body.Message && contains(['${range(10).map(it.idOf).join("','")}'], sns.messageId)`;
      expect(await it.replay({ filter })).toMatchObject({
        outcome: 'replayed',
        account: { delivered: 10, duplicates: 0, quarantined: 0 },
      });
      expect(await it.queue.visible()).toBe(20);
      await it.expectRecorded(range(10));
      expect(it.webhook.counts().effects).toBe(10);
    },
    LIMIT_MS,
  );

  test(
    'with a filter that cannot be read says where, and reads nothing',
    async () => {
      const it = await open(5);
      const { outcome, failure } = await it.replay({ filter: 'body.Message ==' });
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'ExpressionInvalid',
        cause: expect.stringMatching(/column 1[56]/),
      });
      expect(await it.queue.visible()).toBe(5);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'with a filter that cannot be applied names the message, and sends nothing',
    async () => {
      const it = await open(5);
      const { outcome, failure } = await it.replay({ filter: 'length(ageSeconds) > `1`' });
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'FilterFails',
        cause: expect.stringMatching(/cannot be applied to message [0-9a-f-]{36}/),
      });
      expect(await it.queue.visible()).toBe(5);
      expect(it.webhook.counts().requests).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'of so many takes so many, canary and all',
    async () => {
      const it = await open(40);
      const { outcome, reason, account } = await it.replay({ max: 23 });
      expect({ outcome, reason }).toEqual({
        outcome: 'replayed',
        reason: expect.stringMatching(/it took as many as it was asked for, 23/),
      });
      expect(account).toMatchObject({ received: 23, delivered: 23, returned: 0 });
      expect(await it.queue.visible()).toBe(17);
    },
    LIMIT_MS,
  );

  test(
    'for so long takes on no more afterwards',
    async () => {
      const it = await open(150);
      const { outcome, reason, account } = await it.replay({ rate: 10, minutes: 0.1 });
      expect({ outcome, reason }).toEqual({
        outcome: 'replayed',
        reason: expect.stringMatching(/its time was over; left in the queue, hidden ones too: about \d+/),
      });
      expect(account.delivered).toBeLessThan(150);
      expect(await it.queue.visible()).toBe(150 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(150));
      it.expectCounted(150);
    },
    LIMIT_MS,
  );

  test(
    'that cannot keep what was refused stops, and keeps it when it can',
    async () => {
      const it = await open(10);
      await it.queue.put([aboutLostCampaign(it.event(10))]);
      const lift = deployed.aws.gateway.disturb({
        match: { service: 's3', path: `/quarantine/${it.name}/` },
        fault: { status: 403, code: 'AccessDenied', message: 'not you' },
      });
      const { outcome, reason, account } = await it.replay();
      lift();
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/AccessDenied/),
      });
      expect(account.quarantined).toBe(0);
      expect(await it.queue.visible()).toBe(11 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(10));
      it.expectCounted(10);
      expect(await it.quarantined()).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    'of a queue that is not there says so',
    async () => {
      const it = await open(0);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: it.deadLetters }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      const { outcome, failure } = await it.replay();
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'QueueMissing',
        cause: expect.stringMatching(/there is no queue "mailblast-dlq-\d+" in Region us-east-1/),
      });
    },
    LIMIT_MS,
  );
});

describe('of all replays', () => {
  test(
    'each stops when a failover begins',
    async () => {
      const it = await open(300);
      const key = { key: { S: 'lock#failover' } };
      const table = { TableName: deployed.aws.stack.physicalIds.get('Ledger') };
      const Item = { ...key, owner: { S: 'failover-7' }, until: { N: String(Date.now() + LIMIT_MS) } };
      const ended = await it.startReplay(10, { rate: 20 });
      await dynamo.send(new PutItemCommand({ ...table, Item }));
      const { outcome, reason, account } = await ended();
      await dynamo.send(new DeleteItemCommand({ ...table, Key: key }));
      expect({ outcome, reason }).toEqual({
        outcome: 'stopped',
        reason: expect.stringMatching(/a failover of this workload runs \(failover-7\)/),
      });
      expect(await it.queue.visible()).toBe(300 - account.delivered);
      await it.replayToTheEnd();
      await it.expectRecorded(range(300));
      it.expectCounted(300);
    },
    LIMIT_MS,
  );

  test(
    'none begins where it may not look into its queue',
    async () => {
      const it = await open(5);
      const lift = deployed.aws.gateway.disturb({
        match: { action: 'sqs:ReceiveMessage', role: roleOf('InspectQueueRole') },
        fault: { status: 403, code: 'AccessDenied', message: 'not you' },
      });
      const { outcome, failure } = await it.replay();
      lift();
      expect(outcome).toBe('not-proven');
      expect(failure).toMatchObject({
        error: 'QueueForbidden',
        cause: expect.stringMatching(/may not sqs:ReceiveMessage on queue "mailblast-dlq-\d+"/),
      });
      expect(await it.queue.visible()).toBe(5);
    },
    LIMIT_MS,
  );
});

describe.concurrent('no replay', () => {
  /** Whatever happens to the function happens to all replays: one after the other. */
  const undisturbed = Promise.withResolvers<void>();

  test(
    'goes on without its ledger and its account, and none loses or doubles by it',
    async () => {
      const it = await open(100);
      try {
        const ended = await it.startReplay(10, { rate: 20 });
        const lift = deployed.aws.gateway.disturb({
          match: { service: 'dynamodb', role: roleOf('DrainQueueRole') },
          fault: 'drop',
        });
        const { outcome, account } = await ended();
        lift();
        expect(['stopped', 'not-proven']).toContain(outcome);
        expect(await it.queue.left()).toBe(100 - account.delivered);
      } finally {
        undisturbed.resolve();
      }
      await it.replayToTheEnd();
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );

  test(
    'loses or doubles by the death of its workers',
    async () => {
      const it = await open(100);
      await undisturbed.promise;
      const { runFolder, stack } = deployed.aws;
      const killer = startKiller(
        { folder: runFolder, functionName: `${stack.name}-drain-queue` },
        () => it.webhook.counts().effects,
        [10, 30],
      );
      await it.replayToTheEnd({ rate: 40 });
      expect(await killer.stop()).toBe(2);
      await it.expectRecorded(range(100));
      it.expectCounted(100);
    },
    LIMIT_MS,
  );
});
