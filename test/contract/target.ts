import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Delivery, Target } from '../../shared/delivery/target.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import { deadLetter } from '../unit/replay/dead-letter.ts';

/** What a receiver does with the next message instead of taking it. */
export type Fault = 'fail' | 'throttle' | 'hang' | 'break';

/** A fault that stands ready. */
export interface Met {
  /** Resolves when a message has come to it. */
  readonly onItsWay: Promise<unknown>;
}

/** A real receiver and the target that leads to it. */
export interface Receiver {
  open(): Promise<Target>;
  /** The target as the plan would name it, were there no such receiver. */
  openMissing(): Promise<Target>;
  /** As somebody who may do nothing. */
  openForbidden(): Promise<Target>;
  /** The bodies that took effect under a key. */
  arrived(key: string): Promise<string[]>;
  /** The next message meets this. */
  next(fault: Fault): Promise<Met>;
  /** A message that it will refuse. */
  refusable(): Partial<DeadLetter>;
  /** Bytes of the largest body. */
  readonly largest: number;
  /** Milliseconds that it asks to wait when it is throttled; null where it cannot say. */
  readonly retryAfter: number | null;
  /** Name of the error by which it is not opened. */
  readonly unusable: 'TargetMisconfigured' | 'SecretUnusable';
  /** What is in no reason. */
  readonly secret: RegExp;
}

const never = new AbortController().signal;

/** What every target must do, whatever is behind it. */
export function targetContract(name: string, receiver: () => Receiver): void {
  describe(`${name}, as a target`, () => {
    const opened: Target[] = [];

    afterEach(async () => {
      for (const target of opened.splice(0)) await target.close();
    });

    async function open(): Promise<Target> {
      const target = await receiver().open();
      opened.push(target);
      return target;
    }

    async function deliver(
      target: Target,
      key: string,
      difference: Partial<DeadLetter> = {},
      signal = never,
    ): Promise<Delivery> {
      const delivery = await target.deliver(deadLetter({ messageId: key, ...difference }), key, signal);
      expect(JSON.stringify(delivery)).not.toMatch(receiver().secret);
      if (delivery.outcome !== 'accepted') expect(delivery.reason).toMatch(/\w/);
      return delivery;
    }

    const ofLength = (bytes: number) => {
      const [before, after] = ['{"text":"é', '"}'];
      return `${before}${'x'.repeat(bytes - Buffer.byteLength(before + after))}${after}`;
    };

    test.each([
      ['JSON', () => '{"order":1}'],
      ['several lines', () => 'first\nsecond\r\nthird\n\ttab '],
      ['quotes', () => `{"text":"she said \\"no\\" and 'yes' \\\\"}`],
      ['an emoji', () => '{"text":"🛟 Grüße 漢字"}'],
      ['no JSON', () => '{"order":'],
      ['markup', () => '<a href="?x=1&y=2">%41+ &amp;</a>'],
      ['the largest size', () => ofLength(receiver().largest)],
    ])('takes a body of %s once and byte for byte', async (_, make) => {
      const [body, key] = [make(), randomUUID()];
      expect(await deliver(await open(), key, { body })).toEqual({ outcome: 'accepted' });
      expect((await receiver().arrived(key)).map((came) => came === body)).toEqual([true]);
    });

    test('takes many messages at the same time, each once', async () => {
      const target = await open();
      const keys = Array.from({ length: 12 }, () => randomUUID());
      const outcomes = await Promise.all(keys.map((key) => deliver(target, key, { body: `body of ${key}` })));
      expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
      for (const key of keys) expect(await receiver().arrived(key)).toEqual([`body of ${key}`]);
    });

    test('says of a message that can never be taken that it is refused', async () => {
      const key = randomUUID();
      expect(await deliver(await open(), key, receiver().refusable())).toMatchObject({ outcome: 'refused' });
    });

    test('says that a message failed, and takes it at the next attempt', async () => {
      const [target, key] = [await open(), randomUUID()];
      await receiver().next('fail');
      expect(await deliver(target, key)).toMatchObject({ outcome: 'failed', slowDown: true });
      expect(await deliver(target, key)).toEqual({ outcome: 'accepted' });
      expect((await receiver().arrived(key)).at(-1)).toBe(deadLetter().body);
    });

    test('says when it should be asked less often', async () => {
      const { retryAfter } = receiver();
      const [target, key] = [await open(), randomUUID()];
      await receiver().next('throttle');
      expect(await deliver(target, key)).toMatchObject({ outcome: 'failed', slowDown: true, retryAfter });
      expect(await deliver(target, key)).toEqual({ outcome: 'accepted' });
    });

    test('does not know what became of a message whose connection broke', async () => {
      const [target, key] = [await open(), randomUUID()];
      await receiver().next('break');
      expect(await deliver(target, key)).toMatchObject({ outcome: 'unknown', slowDown: true });
      expect(await deliver(target, key)).toEqual({ outcome: 'accepted' });
    });

    test('does not know what became of a message that was on its way when the replay ended', async () => {
      const [target, key, ending] = [await open(), randomUUID(), new AbortController()];
      const { onItsWay } = await receiver().next('hang');
      const delivering = deliver(target, key, {}, ending.signal);
      await onItsWay;
      ending.abort();
      expect(await delivering).toMatchObject({ outcome: 'unknown' });
    });

    test('sends nothing once the replay has ended', async () => {
      const key = randomUUID();
      const delivery = await deliver(await open(), key, {}, AbortSignal.abort());
      expect(delivery).toMatchObject({ outcome: 'failed' });
      expect(await receiver().arrived(key)).toEqual([]);
    });

    test('is not opened where it is missing, and names what is', async () => {
      const opening = receiver().openMissing();
      await expect(opening).rejects.toMatchObject({
        name: receiver().unusable,
        message: expect.stringContaining('nowhere'),
      });
    });

    test('is not opened for somebody who may not use it, and names what to allow', async () => {
      await expect(receiver().openForbidden()).rejects.toMatchObject({
        name: receiver().unusable,
        message: expect.stringMatching(/not allowed|could not be read \(AccessDenied/),
      });
    });

    test('leaves no connection behind when it is closed', async () => {
      const sockets: Socket[] = [];
      const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
      subscribe('net.client.socket', note);
      try {
        const target = await receiver().open();
        await Promise.all([deliver(target, randomUUID()), deliver(target, randomUUID())]);
        // Those over TCP are its own; the local AWS behind it listens on a Unix socket.
        const own = sockets.filter(({ remotePort }) => remotePort !== undefined);
        expect(own.some(({ destroyed }) => !destroyed)).toBe(true);
        await target.close();
        expect(own.filter(({ destroyed }) => !destroyed)).toEqual([]);
      } finally {
        unsubscribe('net.client.socket', note);
      }
    });
  });
}
