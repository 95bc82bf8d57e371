import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../local/gateway/disturbances.ts';
import { parseExpression } from '../../shared/plan/values/expression.ts';
import { sendMany } from '../../shared/replay/worker/sending-policy.ts';
import {
  adds,
  expectExact,
  LIMIT_MS,
  numbered,
  numberOf,
  open,
  SHORT_LEASE_MS,
} from './support/open-replay.ts';
import { type Reaction, TAKEN } from './support/replay-receiver.ts';
import type { Hanging } from './support/replay-until.ts';

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
      const rules = {
        format: 'any' as const,
        key: null,
        filters,
        maxAge: null,
        sendsRecords: false,
        sources: undefined,
      };
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
      const worker = await it.work({
        rules: { format: 'any', key: null, filters, maxAge: null, sendsRecords: false, sources: undefined },
      });
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
