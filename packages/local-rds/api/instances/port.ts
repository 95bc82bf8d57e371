import net from 'node:net';
import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import type { Service } from '../service.ts';

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

/**
 * Throws InvalidParameterValue for a port that another instance has or will have. Of requests for one port that come at the same
 * moment the first one gets it, because nothing waits between this and the instance being written down.
 */
export function requireUnclaimedPort(service: Service, port: number | undefined, self?: Instance): void {
  if (port === undefined) return;
  const owner = service.state.instances
    .all()
    .filter(({ cluster, status }) => cluster !== self?.cluster && status !== 'failed')
    .find((instance) => (instance.shown.Endpoint?.Port ?? instance.port) === port);
  if (owner)
    throw new Fault(
      'InvalidParameterValue',
      `Port ${port} is that of the instance ${owner.name}: all instances share this machine. Leave the port out to get a free one.`,
    );
}
