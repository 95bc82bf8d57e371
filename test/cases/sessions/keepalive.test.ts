import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { withConnection } from '../../../shared/database/postgres/connect.ts';
import { accessOf, useServers } from '../databases/servers.ts';

const servers = useServers();

/** The kernel's table of connections, which Linux alone has. */
const CONNECTIONS = '/proc/net/tcp';

describe.skipIf(!existsSync(CONNECTIONS))('an idle connection, as the kernel lists it', () => {
  test('is kept alive before a NAT gateway or a load balancer drops it after 350 s', async () => {
    const source = await servers.newDatabase();
    const secondsLeft = await withConnection(accessOf(source), 'test', (client) => {
      const { localPort } = client.connection.stream as net.Socket;
      return keepaliveSecondsLeft(localPort);
    });
    expect(secondsLeft).toBeGreaterThan(25);
    expect(secondsLeft).toBeLessThanOrEqual(30);
  });

  test('that nobody keeps alive has no such timer', async () => {
    const source = await servers.newDatabase();
    const client = new pg.Client(source);
    await client.connect();
    const { localPort } = client.connection.stream as net.Socket;
    expect(await keepaliveSecondsLeft(localPort)).toBeNull();
    await client.end();
  });
});

/**
 * Seconds until the kernel asks whether the other side is still there; null if it never asks.
 * https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
async function keepaliveSecondsLeft(localPort: number | undefined): Promise<number | null> {
  const port = localPort?.toString(16).toUpperCase().padStart(4, '0');
  const lines = (await readFile(CONNECTIONS, 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const timer = lines.find(([, local]) => local?.endsWith(`:${port}`))?.[5];
  const [kind, hundredths] = timer?.split(':') ?? [];
  return kind === '02' && hundredths !== undefined ? Number.parseInt(hundredths, 16) / 100 : null;
}
