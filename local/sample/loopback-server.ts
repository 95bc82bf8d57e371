import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server at a fixed local address that can go down and come back. */
export interface LoopbackServer {
  up(): Promise<void>;
  /** Closes open connections and refuses new ones. */
  down(): Promise<void>;
}

const TRIES = 50;

/** Starts a server at an address that was reserved before, whatever its path. */
export async function startLoopbackServer(
  url: string,
  listener: http.RequestListener,
): Promise<LoopbackServer> {
  const { hostname, port } = new URL(url);
  const server = http.createServer(listener);

  async function up(): Promise<void> {
    // The port was free when reserved; an outgoing connection may be using it now.
    for (let attempt = 1; !server.listening; attempt += 1) {
      try {
        server.listen(Number(port), hostname);
        await once(server, 'listening');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === TRIES) throw error;
        await sleep(100);
      }
    }
  }

  await up();
  return {
    up,
    async down() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
