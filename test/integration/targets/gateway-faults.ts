import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { Fault as GatewayFault } from '../../../local/gateway/disturbances.ts';
import { unixUpstream } from '../../../local/gateway/forward.ts';
import { socketIn } from '../../../local/ministack/start-ministack.ts';
import type { Fault, Met } from '../../contract/target.ts';
import type { TestAccount } from '../support/account.ts';

const FAULTS: Record<Exclude<Fault, 'hang'>, GatewayFault> = {
  fail: { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  break: 'drop',
};

/** The next call of an action meets the fault. */
export async function nextCall(aws: TestAccount, action: string, fault: Fault): Promise<Met> {
  if (fault === 'hang') return hang(aws, action.slice(0, action.indexOf(':')));
  aws.gateway.disturb({ match: { action }, fault: FAULTS[fault], times: 1 });
  return { onItsWay: Promise.resolve() };
}

/** The next call of a service comes to somebody who listens and says nothing. */
async function hang({ gateway, runFolder }: TestAccount, service: string): Promise<Met> {
  const socketPath = path.join(runFolder, `silent-${service}-${gateway.port}.sock`);
  const silent = net.createServer((socket) => socket.on('error', () => {}).resume());
  silent.listen(socketPath);
  await once(silent, 'listening');
  gateway.route(service, unixUpstream(socketPath));
  const onItsWay = once(silent, 'connection').then(() => {
    gateway.route(service, unixUpstream(socketIn(runFolder)));
    silent.close();
  });
  return { onItsWay };
}
