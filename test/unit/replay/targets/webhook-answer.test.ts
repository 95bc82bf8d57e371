import type net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { accepted, answering, deliver, serving, started, unknown, webhook } from './open-webhook.ts';
import { rawReceiver } from './receiver.ts';

describe('a whole answer', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  /** Bytes of buffers that somebody still refers to. */
  function held(): number {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  }

  test('may be slow', async () => {
    const receiver = await answering((response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 100);
    });
    expect(await deliver(webhook(receiver.port))).toEqual(accepted);
  });

  test.each([
    ['200 OK', accepted],
    ['500 Error', { outcome: 'failed', slowDown: true }],
  ])('may be of HTTP/1.0 and end with the connection: %s', async (status, expected) => {
    const receiver = await started(
      rawReceiver((socket) => void socket.end(`HTTP/1.0 ${status}\r\n\r\nwords without a length`)),
    );
    expect(await deliver(webhook(receiver.port))).toMatchObject(expected);
  });

  test('may come after hints', async () => {
    const receiver = await answering((response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeProcessing();
      response.end();
    });
    expect(await deliver(webhook(receiver.port))).toEqual(accepted);
  });

  test('may come before the request was read, and holds no connection up', async () => {
    const receiver = await started(
      rawReceiver((socket, received) => {
        if (!received.includes('\r\n\r\n') || socket.isPaused()) return;
        socket.pause().write('HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const target = webhook(receiver.port, { inFlight: 1 });
    for (let i = 0; i < 4; i += 1)
      expect(await deliver(target, { body: 'x'.repeat(8_000_000) })).toMatchObject({ outcome: 'refused' });
  });

  test.each([200, 400])('of 100 MB is read and dropped: %i', async (status) => {
    const chunk = Buffer.alloc(1_000_000, '.');
    const before = held();
    let written = 0;
    let heldAtLast = 0;
    const receiver = await answering((response) => {
      response.writeHead(status);
      const more = () => {
        while (written < 100) {
          written += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        heldAtLast = held();
        response.end();
      };
      more();
    });
    const delivery = await deliver(webhook(receiver.port, { timeout: 15_000 }));
    expect(written).toBe(100);
    expect(heldAtLast - before).toBeLessThan(60_000_000);
    if (status === 200) expect(delivery).toEqual(accepted);
    else expect(delivery.reason.length).toBeLessThan(300);
  });

  test('refuses for good, in its own words', async () => {
    const receiver = await answering((response) =>
      response.writeHead(400).end('{"error":\n"no such campaign"}'),
    );
    expect(await deliver(webhook(receiver.port))).toEqual({
      outcome: 'refused',
      reason: `127.0.0.1:${receiver.port} answered 400 Bad Request: "{"error": "no such campaign"}"`,
    });
  });

  test('that repeats the secret is not quoted', async () => {
    const receiver = await answering((response, { headers, path }) =>
      response.writeHead(400, `No ${path}`).end(`${headers.authorization} is unknown`),
    );
    expect((await deliver(webhook(receiver.port))).reason).toMatch(
      /answered 400 \(it repeats a part of the secret/,
    );
  });

  test.each([
    ['90', 90_000],
    ['Sun, 01 Mar 2026 12:01:30 GMT', 90_000],
    ['in a while', null],
  ])('429 asks to wait, with Retry-After: %s', async (after, retryAfter) => {
    const receiver = await answering((response) => response.writeHead(429, { 'retry-after': after }).end());
    expect(await deliver(webhook(receiver.port))).toMatchObject({
      outcome: 'failed',
      slowDown: true,
      retryAfter,
    });
  });

  test('500 asks to go slower', async () => {
    const receiver = await answering((response) => response.writeHead(500).end());
    expect(await deliver(webhook(receiver.port))).toEqual({
      outcome: 'failed',
      reason: `127.0.0.1:${receiver.port} answered 500 Internal Server Error`,
      slowDown: true,
      retryAfter: null,
    });
  });

  test.each([
    ['https://other.example.com/s3cret?x=4711', 'other.example.com'],
    ['/s3cret', '127.0.0.1:PORT'],
    ['//other.example.com', 'other.example.com'],
    ['http://', 'no address'],
  ])('that redirects to %s is not followed', async (location, host) => {
    const receiver = await answering((response) => response.writeHead(307, { location }).end());
    const delivery = await deliver(webhook(receiver.port));
    expect(delivery).toMatchObject({ outcome: 'failed', slowDown: false });
    expect(delivery.reason).toBe(
      `127.0.0.1:${receiver.port} answered 307 and points to ${host.replace('PORT', String(receiver.port))}: redirects are not followed; put the address it points to into the secret "app/webhook"`,
    );
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a webhook that was sent a message and gave no whole answer may have done it:', () => {
  test('it hangs', async () => {
    const receiver = await answering(() => {});
    const delivery = await deliver(webhook(receiver.port, { timeout: 600 }));
    expect(delivery).toMatchObject(unknown);
    expect(delivery.reason).toMatch(/was sent it and did not answer: no whole answer within 600ms$/);
    expect(receiver.received).toHaveLength(1);
  });

  test.each([200, 400, 500])('it hangs in the middle of an answer %i', async (status) => {
    const receiver = await answering((response) => {
      response.writeHead(status, { 'content-length': 100 }).write('half');
    });
    const delivery = await deliver(webhook(receiver.port, { timeout: 600 }));
    expect(delivery).toMatchObject(unknown);
    expect(delivery.reason).toContain(`within 600ms in the middle of an answer (${status})`);
  });

  test('it never stops answering', async () => {
    const receiver = await answering((response) => {
      const more = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(more));
    });
    expect(await deliver(webhook(receiver.port, { timeout: 600 }))).toMatchObject(unknown);
  });

  test.each([
    ['closes', (socket: net.Socket) => socket.end()],
    ['resets', (socket: net.Socket) => socket.resetAndDestroy()],
  ])('it %s the connection before an answer', async (_, close) => {
    const receiver = await serving((request, response) => {
      request.resume().on('end', () => close(response.socket as net.Socket));
    });
    const delivery = await deliver(webhook(receiver.port));
    expect(delivery).toMatchObject(unknown);
    expect(delivery.reason).toMatch(/was sent it and did not answer: (socket hang up|read ECONNRESET)$/);
  });

  test.each([
    ['with a length', { 'content-length': 100 }],
    ['in chunks', {}],
  ])('it closes the connection in the middle of an answer %s', async (_, headers) => {
    const receiver = await answering((response) => {
      response.writeHead(200, headers).write('half', () => response.socket?.end());
    });
    const delivery = await deliver(webhook(receiver.port));
    expect(delivery).toMatchObject(unknown);
    expect(delivery.reason).toContain('in the middle of an answer (200)');
  });

  test('it closes a connection that was used before', async () => {
    let requests = 0;
    const receiver = await answering((response) => {
      requests += 1;
      if (requests === 1) response.end();
      else response.socket?.resetAndDestroy();
    });
    const target = webhook(receiver.port);
    expect(await deliver(target)).toEqual(accepted);
    expect(await deliver(target)).toMatchObject(unknown);
    expect(receiver.sockets).toHaveLength(1);
  });

  test.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ])('it answers with %s', async (_, answer) => {
    const receiver = await started(rawReceiver((socket) => void socket.write(answer)));
    expect(await deliver(webhook(receiver.port, { timeout: 2_000 }))).toMatchObject(unknown);
  });

  test('it breaks off an answer that has no length', async () => {
    const receiver = await started(
      rawReceiver(
        (socket) => void socket.write('HTTP/1.0 200 OK\r\n\r\nhalf', () => socket.resetAndDestroy()),
      ),
    );
    expect(await deliver(webhook(receiver.port))).toMatchObject(unknown);
  });

  test('a gateway answers in its place', async () => {
    const receiver = await answering((response) => response.writeHead(504, { 'retry-after': '7' }).end());
    expect(await deliver(webhook(receiver.port))).toMatchObject({ ...unknown, retryAfter: 7_000 });
  });
});
