import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Fault as GatewayFault } from '../../../local/gateway/disturbances.ts';
import type { Gateway } from '../../../local/gateway/start-gateway.ts';
import type { Fault } from './target-contract.ts';

const FAULTS: Record<Fault, GatewayFault> = {
  fail: { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  hang: { delayMs: 500 },
  break: 'drop',
};

/** The next call of an action meets the fault. @returns when the gateway has received a call */
export function nextCall(gateway: Gateway, action: string, fault: Fault): Promise<void> {
  gateway.disturb({ match: { action }, fault: FAULTS[fault], times: 1 });
  return new Promise((resolve) => {
    const note = (message: unknown) => {
      const { request } = message as { request: IncomingMessage };
      if (request.socket.localPort !== gateway.port) return;
      unsubscribe('http.server.request.start', note);
      resolve();
    };
    subscribe('http.server.request.start', note);
  });
}
