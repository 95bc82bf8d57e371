import { describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock/clock.ts';
import { canary, sendMany } from '../../shared/replay/worker/sending-policy.ts';
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

describe.concurrent('the canary', () => {
  test.each<[string, Reaction, RegExp]>([
    ['is not let in', { status: 401 }, /the canary failed: .*401/],
    ['meets a target that is broken', { status: 500 }, /the canary failed: .*500/],
    ['gets half an answer', { answer: 'cut', effect: false }, /the canary failed: .*in the middle/],
  ])(
    'that %s is sent again, then two others are, and nothing else; all is back at once',
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
      expect(adds(worker)).toMatchObject({ received: 3, returned: 3, delivered: 0 });
      expect(new Set(keys).size).toBe(3);
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
