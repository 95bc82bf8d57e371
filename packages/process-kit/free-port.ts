import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/**
 * Below the ports that Linux gives to outgoing connections and to servers that ask for any (32768 and up): a port that
 * stays unused for minutes, such as that of a receiver which is down, is then not taken by chance.
 */
const [FIRST, BEYOND] = [16_384, 32_768];
const TRIES = 100;

/** Not given twice by one program, which may use the first one only later. */
const given = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that is free now. Another program may take it before it is used, so a server that can
 * listen on port 0 itself should; PostgreSQL cannot.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(FIRST, BEYOND);
    if (given.has(port)) continue;
    given.add(port);
    try {
      await tryPort(port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt >= TRIES) throw error;
    }
  }
}

async function tryPort(port: number): Promise<void> {
  const server = net.createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
