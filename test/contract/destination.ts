import { describe, expect, test } from 'vitest';
import type { Destination, Put } from '../../shared/rehydration/destination.ts';
import type { Message } from '../../shared/rehydration/message.ts';

/** A destination, and a way to look into it. */
export interface OpenDestination {
  /** As each attempt opens it. */
  open(): Promise<Destination>;
  /** The bodies that arrived, each as often as it did. */
  arrived(): Promise<string[]>;
}

const SENT: Put = { outcome: 'sent', resent: false };
const ALREADY_SENT: Put = { outcome: 'already-sent' };
const never = new AbortController().signal;

const message = (number: number, body = `body ${number}`): Message => ({
  id: `jobs#${number}`,
  body,
  group: `g${number % 3}`,
});
const messages = (count: number) => Array.from({ length: count }, (_, index) => message(index));
const bodiesOf = (count: number) => messages(count).map(({ body }) => body);
const sorted = (texts: readonly string[]) => [...texts].sort();

/** What every destination of a rehydration must do. @param create makes an empty one */
export function destinationContract(name: string, create: () => Promise<OpenDestination>): void {
  describe(`${name}, as a destination`, () => {
    const using = async <T>(place: OpenDestination, use: (destination: Destination) => Promise<T>) => {
      const destination = await place.open();
      try {
        return await use(destination);
      } finally {
        await destination.close();
      }
    };

    test('is given each message once, in however many attempts', async () => {
      const place = await create();
      expect(await using(place, (it) => it.put(messages(45), never))).toEqual(messages(45).map(() => SENT));
      expect(await using(place, (it) => it.put(messages(45), never))).toEqual(
        messages(45).map(() => ALREADY_SENT),
      );
      expect(sorted(await place.arrived())).toEqual(sorted(bodiesOf(45)));
    });

    test('is given each message once by attempts that run at the same time', async () => {
      const place = await create();
      const puts = await Promise.all([1, 2, 3].map(() => using(place, (it) => it.put(messages(30), never))));
      expect(puts.flat().filter(({ outcome }) => outcome === 'sent')).toHaveLength(30);
      expect(puts.flat().filter(({ outcome }) => outcome === 'already-sent')).toHaveLength(60);
      expect(sorted(await place.arrived())).toEqual(sorted(bodiesOf(30)));
    });

    test('answers in the order of the messages', async () => {
      const place = await create();
      await using(place, async (it) => {
        await it.put([message(1), message(3)], never);
        expect(await it.put(messages(5), never)).toEqual([SENT, ALREADY_SENT, SENT, ALREADY_SENT, SENT]);
      });
    });

    test('knows which messages it was given, and is not changed by the question', async () => {
      const place = await create();
      await using(place, async (it) => {
        await it.put([message(1), message(3)], never);
        for (let time = 0; time < 2; time++)
          expect(await it.known(messages(5))).toEqual([false, true, false, true, false]);
      });
      expect(sorted(await place.arrived())).toEqual(['body 1', 'body 3']);
    });

    test('is not given a message again because its body has changed', async () => {
      const place = await create();
      await using(place, (it) => it.put([message(1, 'before')], never));
      expect(await using(place, (it) => it.put([message(1, 'after')], never))).toEqual([ALREADY_SENT]);
      expect(await place.arrived()).toEqual(['before']);
    });

    test('gets every body as it is', async () => {
      const place = await create();
      const texts = [
        'two\nlines\r\nand a\ttab',
        `'quoted' "twice" \\ $1 %s`,
        '😀 ñ 東京',
        ' ',
        'x'.repeat(200_000),
      ];
      await using(place, (it) =>
        it.put(
          texts.map((text, number) => message(number, text)),
          never,
        ),
      );
      expect(sorted(await place.arrived())).toEqual(sorted(texts));
    });

    test('is given nothing once the signal has fired, and all of it by the next attempt', async () => {
      const place = await create();
      const over = AbortSignal.abort(new Error('the time is over'));
      await using(place, async (it) => {
        await expect(it.put(messages(3), over)).rejects.toThrow('the time is over');
        expect(await it.known(messages(3))).toEqual([false, false, false]);
      });
      expect(await using(place, (it) => it.put(messages(3), never))).toEqual([SENT, SENT, SENT]);
      expect(sorted(await place.arrived())).toEqual(sorted(bodiesOf(3)));
    });

    test('is given nothing by no messages', async () => {
      const place = await create();
      expect(await using(place, (it) => it.put([], never))).toEqual([]);
      expect(await place.arrived()).toEqual([]);
    });
  });
}
