import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Caller, CallRecord, type RecordedCall } from './calls.ts';
import { type Disturbance, Disturbances } from './disturbances.ts';
import { answerWithFault } from './fault-answer.ts';
import { flipByteAt } from './flip-byte.ts';
import { forward, type Upstream } from './forward.ts';
import { iamActions, needsBody, resourceOf, type SignedRequest } from './iam-actions.ts';
import { scopeOf } from './scope.ts';

/** One endpoint in front of all local services. */
export interface Gateway {
  readonly endpoint: string;
  readonly port: number;
  /** Sets which function uses which access key; known only after a deployment. */
  know(functions: ReadonlyMap<string, Caller>): void;
  /** The calls by caller, since the start or since `forget`. */
  calls(): RecordedCall[];
  forget(): void;
  /** Injects a fault into calls; returns a function that lifts it. */
  disturb(disturbance: Disturbance): () => void;
  /** Cuts every call signed for this Region until the returned function restores it. */
  takeDown(region: string): () => void;
  /**
   * Routes a service (by its signing name) to another upstream.
   * If the upstream is a function, the service's first request starts it.
   */
  route(service: string, upstream: Upstream | (() => Promise<Upstream>)): void;
  stop(): Promise<void>;
}

/** Starts on a free port of 127.0.0.1. `upstream` serves every service that `route` does not name. */
export async function startGateway(upstream: Upstream): Promise<Gateway> {
  const record = new CallRecord();
  const disturbances = new Disturbances();
  const routes = new Map<string, Upstream | (() => Promise<Upstream>)>();
  let functions: ReadonlyMap<string, Caller> = new Map();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signed = signedRequest(request);
    // Health checks and the links that a service returns are unsigned: not recorded, no policy applies.
    if (!signed) return forward(request, response, upstream);

    const held = needsBody(signed) ? await wholeBody(request) : undefined;
    const { accessKey, service, region } = signed.scope;
    const call = { ...signed, body: held?.toString('utf8') };
    const caller = functions.get(accessKey);
    const actions = iamActions(call);
    const resource = resourceOf(call);
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : 0;
      for (const action of actions)
        record.add({ accessKey, caller, service, region, action, resource, status });
    });

    const fault = disturbances.take({ region, service, caller, actions, path: call.url.pathname });
    if (fault === 'drop') return void request.socket.destroy();
    if (fault && 'status' in fault) {
      request.resume();
      return answerWithFault(response, call, fault);
    }
    if (fault && 'delayMs' in fault) {
      await sleep(fault.delayMs);
      if (request.socket.destroyed) return; // the client disconnected
    }
    const change = fault && 'flipByteAt' in fault ? flipByteAt(fault.flipByteAt) : undefined;
    const refuse = (message: string) =>
      answerWithFault(response, call, { status: 503, code: 'ServiceUnavailable', message });
    const route = routes.get(service) ?? upstream;
    try {
      const to = typeof route === 'function' ? await route() : route;
      forward(request, response, to, held, change, refuse);
    } catch (error) {
      refuse((error as Error).message);
    }
  }

  const server = http.createServer((request, response) => {
    // A client that disconnects while its body is read is not an error of the gateway.
    serve(request, response).catch(() => response.destroy());
  });
  // No timeout may end a long upload or a slow Lambda response.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const disturb = (disturbance: Disturbance) => disturbances.add(disturbance);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    know: (found) => {
      functions = found;
    },
    calls: () => record.all(),
    forget: () => record.clear(),
    disturb,
    takeDown: (region) => disturb({ match: { region }, fault: 'drop' }),
    route: (service, elsewhere) => void routes.set(service, elsewhere),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function signedRequest(request: IncomingMessage): SignedRequest | undefined {
  const url = new URL(request.url ?? '/', 'http://gateway');
  const scope = scopeOf(request, url);
  return scope && { scope, url, method: request.method ?? 'GET', headers: request.headers };
}

async function wholeBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
