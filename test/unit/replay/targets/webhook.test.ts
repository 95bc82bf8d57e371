import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import type { WebhookSettings } from '../../../../shared/replay/targets/webhook.ts';
import { envelope } from '../dead-letter.ts';
import {
  accepted,
  answering,
  deliver,
  never,
  started,
  TOKEN,
  unknown,
  unsent,
  webhook,
} from './open-webhook.ts';
import { type Received, type Receiver, rawReceiver } from './receiver.ts';

describe('a webhook is sent', () => {
  test.each([
    ['lines', 'first\nsecond\r\nthird\n'],
    ['quotes', `{"text":"he said \\"no\\" and 'yes'"}`],
    ['an emoji', '{"text":"🛟 Grüße"}'],
    ['an envelope', JSON.stringify(envelope)],
    ['no JSON', '{"order":'],
    ['a null byte', 'a\u0000b'],
    ['nothing', ''],
    ['256 KB', JSON.stringify({ text: 'é'.repeat(131_000) })],
  ])('a body with %s byte for byte', async (_, body) => {
    const receiver = await answering((response) => response.end());
    expect(await deliver(webhook(receiver.port), { body })).toEqual(accepted);
    expect(receiver.received).toHaveLength(1);
    const { method, path, headers, body: came } = receiver.received[0] as Received;
    expect(came.equals(Buffer.from(body))).toBe(true);
    expect({ method, path }).toEqual({ method: 'POST', path: '/hooks/sns?tenant=t-4711' });
    expect(headers).toMatchObject({
      'content-length': String(Buffer.byteLength(body)),
      authorization: TOKEN,
    });
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  test('what it is, its key, and what its secret says', async () => {
    const receiver = await answering((response) => response.end());
    const headers = { 'Content-Type': 'application/vnd.mailblast+json', 'X-Token': 'a' };
    await deliver(webhook(receiver.port, { headers }), { body: JSON.stringify(envelope), key: 'order "7"' });
    expect(receiver.received[0]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'idempotency-key': '"order \\"7\\""',
      'content-type': 'application/vnd.mailblast+json',
      'x-token': 'a',
      host: `127.0.0.1:${receiver.port}`,
    });
  });

  test.each(['a\r\nx-admin: 1', 'a\n\nGET / HTTP/1.1', 'Grüße 🛟', 'null\u0000'])(
    'the key %j without any of it becoming a header or a request of its own',
    async (key) => {
      const receiver = await answering((response) => response.end());
      expect(await deliver(webhook(receiver.port), { key })).toEqual(accepted);
      expect(receiver.received).toHaveLength(1);
      const { headers, rawHeaders } = receiver.received[0] as Received;
      expect(headers).not.toHaveProperty('x-admin');
      expect(decodeURIComponent(headers['idempotency-key'] as string)).toBe(`"${key}"`);
      expect(
        rawHeaders
          .filter((_, index) => index % 2 === 0)
          .map((name) => name.toLowerCase())
          .sort(),
      ).toEqual([
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'idempotency-key',
        'user-agent',
      ]);
    },
  );

  test('one message after another over one connection', async () => {
    const receiver = await answering((response) => response.end('ok'));
    const target = webhook(receiver.port);
    for (let i = 0; i < 20; i += 1) expect(await deliver(target)).toEqual(accepted);
    expect(receiver.sockets).toHaveLength(1);
  });

  test('many messages over no more connections than may be in flight, and one for its health', async () => {
    const receiver = await answering((response) => setImmediate(() => response.end()));
    const target = webhook(receiver.port, { inFlight: 3 });
    const deliveries = await Promise.all(Array.from({ length: 60 }, () => deliver(target)));
    expect(deliveries).toEqual(Array.from({ length: 60 }, () => accepted));
    expect(receiver.sockets.length).toBeLessThanOrEqual(4);
  });
});

describe('when the replay ends', () => {
  test('nothing is begun', async () => {
    const receiver = await answering((response) => response.end());
    const delivery = await deliver(webhook(receiver.port), { signal: AbortSignal.abort() });
    expect(delivery).toMatchObject({ outcome: 'failed' });
    expect(receiver.sockets).toHaveLength(0);
  });

  test('a request on its way is given up and unknown', async () => {
    const ending = new AbortController();
    const receiver = await answering(() => ending.abort());
    const delivery = await deliver(webhook(receiver.port), { signal: ending.signal });
    expect(delivery).toMatchObject(unknown);
    expect(delivery.reason).toContain('the replay ended');
  });

  test('a request that waits for a connection was not sent', async () => {
    const ending = new AbortController();
    const receiver = await started(rawReceiver(() => ending.abort()));
    const target = webhook(`https://127.0.0.1:${receiver.port}/`);
    expect(await deliver(target, { signal: ending.signal })).toMatchObject(unsent);
  });

  test('nothing has stayed with its signal', async () => {
    const { signal } = new AbortController();
    const receiver = await answering((response) => response.end());
    const target = webhook(receiver.port);
    for (let i = 0; i < 20; i += 1) await deliver(target, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('the health of a webhook', () => {
  const health = (receiver: Receiver, difference: Partial<WebhookSettings> = {}) =>
    webhook(receiver.port, { health: '/health?deep=1', ...difference });

  test('is not asked where the plan names no path', async () => {
    const receiver = await answering((response) => response.end());
    expect(await webhook(receiver.port).health(never)).toBeNull();
    expect(receiver.received).toEqual([]);
  });

  test('is asked on the same server with the same headers', async () => {
    const receiver = await answering((response) => response.writeHead(204).end());
    expect(await health(receiver).health(never)).toEqual({ healthy: true });
    expect(receiver.received[0]).toMatchObject({
      method: 'GET',
      path: '/health?deep=1',
      headers: { authorization: TOKEN },
      body: Buffer.alloc(0),
    });
  });

  test.each([
    [
      '503',
      (response: ServerResponse) => response.writeHead(503).end('deploying'),
      /answered 503 Service Unavailable: "deploying"$/,
    ],
    [
      '404',
      (response: ServerResponse) => response.writeHead(404).end('s3cret: tok-4711-s3cret'),
      /answered 404 \(it repeats/,
    ],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: '/login' }).end(),
      /redirects are not followed/,
    ],
    ['nothing', () => {}, /no whole answer within 600ms$/],
  ])('is unhealthy with %s', async (_, answer, reason) => {
    const receiver = await answering(answer);
    const seen = await health(receiver, { timeout: 600 }).health(never);
    expect(seen).toMatchObject({ healthy: false, reason: expect.stringMatching(reason) });
    expect(JSON.stringify(seen)).not.toMatch(/\b4711\b|s3cret/);
  });

  test('is not well while it is down', async () => {
    const receiver = await answering((response) => response.end());
    await receiver.stop();
    expect(await health(receiver).health(never)).toMatchObject({ healthy: false });
  });

  test('never leads to another server', async () => {
    const receiver = await answering((response) => response.end());
    expect(await health(receiver, { health: '//other.invalid/health' }).health(never)).toEqual({
      healthy: true,
    });
    expect(receiver.received[0]?.path).toBe('//other.invalid/health');
  });

  test('is asked while every delivery is under way', async () => {
    const held: ServerResponse[] = [];
    const receiver = await answering((response, { method }) => {
      if (method === 'GET') response.end();
      else held.push(response);
    });
    const target = health(receiver, { inFlight: 2 });
    const deliveries = Promise.all([deliver(target), deliver(target)]);
    await vi.waitUntil(() => held.length === 2);
    expect(await target.health(never)).toEqual({ healthy: true });
    for (const response of held) response.end();
    expect(await deliveries).toEqual([accepted, accepted]);
  });
});
