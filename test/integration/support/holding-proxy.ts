import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HoldingProxy {
  readonly endpoint: string;
  /** Resolves when the action was called. */
  readonly reached: Promise<void>;
  stop(): Promise<void>;
}

/** A proxy that never forwards calls of one action, such as `AWSStepFunctions.StartExecution`. */
export async function startHoldingProxy(endpoint: string, target: string): Promise<HoldingProxy> {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const server = http.createServer((request, response) => {
    const { method, headers, url } = request;
    if (headers['x-amz-target'] === target) return resolve();
    const forwarded = http.request(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.once('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
