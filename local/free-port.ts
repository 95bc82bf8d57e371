import net from 'node:net';

/**
 * A TCP port of 127.0.0.1 that is free now. Another program may take it before it is used, so a server that can
 * listen on port 0 itself should; PostgreSQL cannot.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
