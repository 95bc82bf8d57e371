import dns from 'node:dns';
import { getEventListeners, once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import type net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Authority, createAuthority, type KeyPair } from 'certificate-authority';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Delivery, Target } from '../../../../shared/delivery/target.ts';
import { type WebhookSettings, webhookTarget } from '../../../../shared/replay/targets/webhook.ts';
import type { WebhookAddress } from '../../../../shared/replay/targets/webhook-secret.ts';
import { deadLetter, envelope } from '../dead-letter.ts';
import {
  httpReceiver,
  httpsReceiver,
  keeping,
  type Received,
  type Receiver,
  rawReceiver,
} from './receiver.ts';
import { selfSigned } from './self-signed.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const never = new AbortController().signal;
const TOKEN = 'Bearer tok-4711-s3cret';

const toEnd: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const one of toEnd.splice(0).reverse()) await (one.close?.() ?? one.stop?.());
});

async function started(starting: Promise<Receiver>): Promise<Receiver> {
  const receiver = await starting;
  toEnd.push(receiver);
  return receiver;
}

const serving = (serve: RequestListener) => started(httpReceiver(serve));

/** A receiver that answers each request so, and what came in. */
async function answering(answer: (response: ServerResponse, request: Received) => void) {
  const received: Received[] = [];
  return { ...(await serving(keeping(received, answer))), received };
}

function webhook(
  where: number | string,
  difference: Partial<WebhookAddress> & Partial<WebhookSettings> = {},
): Target {
  const url = new URL(
    typeof where === 'string' ? where : `http://127.0.0.1:${where}/hooks/sns?tenant=t-4711`,
  );
  const { headers = { authorization: TOKEN }, certificateAuthority = null, ...settings } = difference;
  const target = webhookTarget(
    { url, headers, certificateAuthority },
    { secret: 'app/webhook', timeout: 5_000, health: null, inFlight: 4, ...settings },
    { now: () => NOW },
  );
  toEnd.push(target);
  return target;
}

async function deliver(target: Target, { body = '{"order":1}', key = 'key-1', signal = never } = {}) {
  const delivery = await target.deliver(deadLetter({ body }), key, signal);
  expect(JSON.stringify(delivery)).not.toMatch(/4711|s3cret/);
  return delivery as Delivery & { reason: string };
}

const accepted = { outcome: 'accepted' };
const unknown = { outcome: 'unknown', slowDown: true, retryAfter: null };
const unsent = { outcome: 'failed', slowDown: true, retryAfter: null };

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

describe('a webhook that is not reached was sent nothing:', () => {
  /** The machine's own resolver may know one address of localhost or two, and may take its time for an unknown name. */
  function resolveTo(...answer: [error: Error] | [error: null, addresses: dns.LookupAddress[]]): void {
    const lookup = (_name: string, _options: object, found: (...answer: unknown[]) => void) =>
      process.nextTick(found, ...answer);
    vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
  }

  test('it is down', async () => {
    const receiver = await answering((response) => response.end());
    await receiver.stop();
    const delivery = await deliver(webhook(receiver.port));
    expect(delivery).toMatchObject(unsent);
    expect(delivery.reason).toBe(
      `127.0.0.1:${receiver.port} was sent nothing: connect ECONNREFUSED 127.0.0.1:${receiver.port}`,
    );
  });

  test('it is down at each address of its name', async () => {
    const receiver = await answering((response) => response.end());
    await receiver.stop();
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    resolveTo(null, addresses);
    const delivery = await deliver(webhook(`http://localhost:${receiver.port}/`));
    expect(delivery).toMatchObject(unsent);
    expect(delivery.reason).toBe(
      `localhost:${receiver.port} was sent nothing: connect ECONNREFUSED 127.0.0.1:${receiver.port}; connect ECONNREFUSED 127.0.0.2:${receiver.port}`,
    );
  });

  test('it has no address', async () => {
    resolveTo(Object.assign(new Error('getaddrinfo ENOTFOUND webhook.invalid'), { code: 'ENOTFOUND' }));
    const delivery = await deliver(webhook('https://webhook.invalid/'));
    expect(delivery).toMatchObject(unsent);
    expect(delivery.reason).toBe('webhook.invalid was sent nothing: getaddrinfo ENOTFOUND webhook.invalid');
  });

  test('it accepts a connection and no TLS', async () => {
    const receiver = await started(rawReceiver(() => {}));
    const delivery = await deliver(webhook(`https://127.0.0.1:${receiver.port}/`, { timeout: 100 }));
    expect(delivery).toMatchObject(unsent);
    expect(delivery.reason).toMatch(/was sent nothing: no whole answer within 100ms$/);
  });

  test('it speaks no TLS', async () => {
    const receiver = await started(rawReceiver((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await deliver(webhook(`https://127.0.0.1:${receiver.port}/`))).toMatchObject(unsent);
  });
});

describe('a certificate', () => {
  let ours: Authority;
  let certificate: KeyPair;
  beforeAll(async () => {
    ours = await createAuthority('ours');
    certificate = await ours.issueServer();
  });

  async function over(
    tls: KeyPair,
    { host, certificateAuthority = null }: { host?: string; certificateAuthority?: string | null } = {},
  ) {
    const received: Received[] = [];
    const receiver = await started(httpsReceiver(tls, keeping(received), host));
    const target = webhook(`https://${host ?? 'localhost'}:${receiver.port}/hook`, { certificateAuthority });
    return { delivery: await deliver(target), received };
  }

  test('of the authority in the secret is trusted', async () => {
    const { delivery, received } = await over(certificate, { certificateAuthority: ours.certificate });
    expect(delivery).toEqual(accepted);
    expect(received[0]?.headers.authorization).toBe(TOKEN);
  });

  test.each([
    [
      'of an authority that nobody knows',
      async () => over(certificate),
      /unable to verify the first certificate/,
    ],
    ['signed by itself', async () => over(await selfSigned()), /self-signed certificate/],
    [
      'of another authority',
      async () => over(certificate, { certificateAuthority: (await createAuthority('another')).certificate }),
      /unable to verify the first certificate/,
    ],
    [
      'for another host',
      async () => over(certificate, { host: '127.0.0.2', certificateAuthority: ours.certificate }),
      /does not match certificate's altnames: IP: 127\.0\.0\.2/,
    ],
    [
      'that is over',
      async () => {
        const old = await createAuthority('old', { now: new Date('2020-01-01') });
        return over(await old.issueServer(), { certificateAuthority: old.certificate });
      },
      /certificate has expired/,
    ],
  ])('%s is refused before anything is sent', async (_, attempt, reason) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {}); // of Node, about that
    const { delivery, received } = await attempt();
    expect(delivery).toMatchObject(unsent);
    expect(delivery.reason).toMatch(reason);
    expect(received).toEqual([]);
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

  test('it goes on answering for ever', async () => {
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

describe('a connection', () => {
  test('that the server closed in between is not used again', async () => {
    const receiver = await answering((response) => response.end());
    const target = webhook(receiver.port);
    expect(await deliver(target)).toEqual(accepted);
    const [first] = receiver.sockets;
    first?.end();
    if (first && !first.destroyed) await once(first, 'close');
    expect(await deliver(target)).toEqual(accepted);
    expect(receiver.sockets).toHaveLength(2);
  });

  test('is given up before servers usually do so', async () => {
    const receiver = await answering((response) => response.end()); // keeps its connections for a minute
    await deliver(webhook(receiver.port));
    await once(receiver.sockets[0] as net.Socket, 'close');
    expect(receiver.open()).toBe(0);
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
    expect(JSON.stringify(seen)).not.toMatch(/4711|s3cret/);
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
