import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../shared/plan/values/expression.ts';
import { adds, envelope, expectExact, LIMIT_MS, numbered, type Open, open } from './support/open-replay.ts';
import { TAKEN } from './support/replay-receiver.ts';

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
      const rules = {
        format: 'sns' as const,
        key: null,
        filters: [],
        maxAge: null,
        sendsRecords: false,
        sources: undefined,
      };
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
      const rules = {
        format: 'any' as const,
        key: parseExpression('body.id'),
        filters: [],
        maxAge: null,
        sendsRecords: false,
        sources: undefined,
      };
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
