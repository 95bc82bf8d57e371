import dns from 'node:dns';
import { once } from 'node:events';
import type net from 'node:net';
import { type Authority, createAuthority, type KeyPair } from 'certificate-authority';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { accepted, answering, deliver, started, TOKEN, unsent, webhook } from './open-webhook.ts';
import { httpsReceiver, keeping, type Received, rawReceiver } from './receiver.ts';
import { selfSigned } from './self-signed.ts';

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
