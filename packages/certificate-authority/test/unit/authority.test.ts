import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../authority.ts';

describe('a certificate of the run', () => {
  let ours: Authority;
  let server: tls.Server;
  let port: number;

  beforeAll(async () => {
    ours = await createAuthority('ours');
    const { certificate, key } = await ours.issueServer();
    server = tls.createServer({ cert: certificate, key }, (socket) => socket.end('hello'));
    server.on('tlsClientError', () => {}); // a client that refuses the certificate
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => {
    server.close();
  });

  async function connect(ca: string, checkedName?: string): Promise<boolean> {
    const socket = tls.connect({
      host: '127.0.0.1',
      port,
      ca,
      ...(checkedName && { servername: checkedName }),
    });
    try {
      await once(socket, 'secureConnect');
      return socket.authorized;
    } finally {
      socket.destroy();
    }
  }

  test('is accepted by who trusts the authority, by address and by name', async () => {
    expect(await connect(ours.certificate)).toBe(true);
    expect(await connect(ours.certificate, 'localhost')).toBe(true);
  });

  test('is refused by who trusts another authority', async () => {
    const other = await createAuthority('ours');
    await expect(connect(other.certificate)).rejects.toThrow(/certificate|signature/i);
  });

  test('is refused under another name', async () => {
    await expect(connect(ours.certificate, 'db.example.com')).rejects.toThrow(/altnames/i);
  });
});
