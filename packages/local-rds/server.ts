import { randomUUID } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAction } from './api/answer.ts';
import type { Service } from './api/service.ts';
import { Fault } from './protocol/fault.ts';
import { parseForm } from './protocol/form.ts';
import { readInput } from './protocol/read-input.ts';
import { type Answer, writeFault } from './protocol/write-answer.ts';
import { signingScope } from './scope.ts';
import { isDiskFull } from './state/disk-full.ts';

/** The most that RDS takes as one request is a policy of a megabyte; no action here comes near. */
const largestBody = 1_048_576;

export interface Listening {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

export interface ServerOptions {
  readonly service: Service;
  /** Requests are answered from when this resolves. */
  readonly ready: Promise<void>;
  readonly regions: ReadonlySet<string>;
  /** The account behind an access key; undefined for an unknown key. */
  readonly accountOf: (accessKey: string) => string | undefined | Promise<string | undefined>;
  /** Receives errors of this program itself. */
  readonly report: (error: Error) => void;
  /** Says why requests for a Region are refused just now; undefined while they are not. */
  readonly refusal: (region: string) => Fault | undefined;
  /** The same for requests of one action. */
  readonly throttled: (region: string, action: string) => Fault | undefined;
}

/** Serves the API on a port of 127.0.0.1, any free one for 0, and on a Unix socket too if one is named. */
export async function startServer(
  options: ServerOptions,
  { port: wanted = 0, socket }: { port?: number; socket?: string } = {},
): Promise<Listening> {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const requestId = randomUUID();
    void answer(options, request, requestId).then((answered) => {
      if (answered === 'cut') return void request.socket.destroy();
      const { status, body } = answered;
      response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId });
      response.end(body);
    });
  };
  const servers = [createServer(serve)];
  await listen(servers[0] as http.Server, { port: wanted, host: '127.0.0.1' });
  if (socket !== undefined) {
    // What a killed program left of its socket would refuse the address to this one.
    await rm(socket, { force: true });
    const local = createServer(serve);
    servers.push(local);
    await listen(local, { path: socket });
    await chmod(socket, 0o600);
  }
  const { port } = (servers[0] as http.Server).address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      await Promise.all(
        servers.map((server) => {
          server.closeIdleConnections();
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

function createServer(serve: http.RequestListener): http.Server {
  const server = http.createServer(serve);
  // Longer than clients keep a connection that rests: one that both sides end at the same moment costs a request.
  server.keepAliveTimeout = 75_000;
  return server;
}

/** `cut`: the Region does not answer at all. */
async function answer(
  options: ServerOptions,
  request: IncomingMessage,
  requestId: string,
): Promise<Answer | 'cut'> {
  const { service } = options;
  try {
    return await serveRequest(options, request, requestId);
  } catch (error) {
    if (error instanceof Fault) return writeFault(service.model, error, requestId);
    options.report(error as Error);
    if (isDiskFull(error)) {
      const full = new Fault('InternalFailure', 'The disk of this machine is full: make room and try again.');
      return writeFault(service.model, full, requestId);
    }
    const internal = new Fault(
      'InternalFailure',
      'The request failed because of an internal error of the service.',
    );
    return writeFault(service.model, internal, requestId);
  }
}

async function serveRequest(
  options: ServerOptions,
  request: IncomingMessage,
  requestId: string,
): Promise<Answer | 'cut'> {
  const { service } = options;
  const body = await bodyOf(request);
  if (request.method !== 'POST')
    throw new Fault('MalformedQueryString', `Requests are made with POST, not with ${request.method}.`);
  const { accessKey, region } = signingScope(request.headers, options.regions);
  if (service.isDown(region)) return 'cut';
  const account = await options.accountOf(accessKey);
  if (account === undefined)
    throw new Fault('InvalidClientTokenId', 'The security token included in the request is invalid.');
  const refused = options.refusal(region);
  if (refused) throw refused;
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new Fault(
      'UnsupportedMediaType',
      `Content type "${mediaType}" is not supported. Expected: application/x-www-form-urlencoded.`,
    );
  }
  const parameters = parseForm(body);
  const name = parameters.members.get('Action')?.value;
  if (!name) throw new Fault('MissingAction', 'The request must contain the parameter Action.');
  const version = parameters.members.get('Version')?.value ?? '';
  if (version !== service.model.metadata.apiVersion)
    throw new Fault(
      'NoSuchVersion',
      `The API has no version "${version}", only ${service.model.metadata.apiVersion}.`,
    );
  if (!Object.hasOwn(service.model.operations, name))
    throw new Fault('InvalidAction', `Could not find operation ${name} for version ${version}.`);
  const throttled = options.throttled(region, name);
  if (throttled) throw throttled;
  await options.ready;
  const input = readInput(service.model, name, parameters);
  return answerAction({ service, account, region, accessKey }, name, input, requestId);
}

/** Throws RequestEntityTooLarge, having read on to the end: a client that is still sending would miss the answer. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  if (size > largestBody) {
    throw new Fault(
      'RequestEntityTooLarge',
      `The request has ${size} bytes; at most ${largestBody} are taken.`,
    );
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: http.Server, at: { port: number; host: string } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
}
