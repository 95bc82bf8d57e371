import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../free-port.ts';

test('ports that are asked for at once are free, differ, and are none that connections are given', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  expect(new Set(ports).size).toBe(200);
  for (const port of ports) {
    expect(port).toBeLessThan(32_768);
    const server = net.createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  }
});
