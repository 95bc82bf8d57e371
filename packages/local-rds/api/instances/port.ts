import net from 'node:net';
import { Fault } from '../../protocol/fault.ts';

/** All instances share one machine: throws InvalidParameterValue for a port that something listens on already. */
export async function requireFreePort(port: number | undefined): Promise<void> {
  if (port === undefined || port < 1150 || port > 65_535) return;
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const message = `Port ${port} is taken on this machine (${error.message}). Leave the port out to get a free one.`;
      reject(new Fault('InvalidParameterValue', message, { cause: error }));
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
