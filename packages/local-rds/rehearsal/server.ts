import { chmod, rm } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { controls, type Stage } from './controls.ts';

/** Where the controls listen: apart from the API, so that no request to the API reaches them. */
export interface RehearsalServer {
  /** Undefined on a Unix socket. */
  readonly endpoint: string | undefined;
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Serves the controls: a POST of JSON each, answered when it has been done, and a GET of `/` that lists them. A web page that is open
 * on this machine can make none: a browser says of each such request where it comes from, or names another host.
 */
export async function startRehearsalServer(
  stage: Stage,
  at: { readonly port: number } | { readonly socket: string },
): Promise<RehearsalServer> {
  const server = http.createServer((request, response) => {
    void reply(stage, request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    });
  });
  if ('socket' in at) await rm(at.socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if ('socket' in at) server.listen({ path: at.socket }, resolve);
    else server.listen({ port: at.port, host: '127.0.0.1' }, resolve);
  });
  if ('socket' in at) await chmod(at.socket, 0o600);
  const address = server.address() as AddressInfo | string;
  return {
    endpoint: typeof address === 'string' ? undefined : `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function reply(stage: Stage, request: IncomingMessage): Promise<Reply> {
  const refuse = (status: number, error: string): Reply => ({ status, body: { error } });
  const { host = '', origin } = request.headers;
  if (origin !== undefined || !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host))
    return refuse(403, 'The controls of a rehearsal are for this machine only.');
  const name = (request.url ?? '/').slice(1);
  if (request.method === 'GET' && name === '') return { status: 200, body: listed() };
  const control = controls.find((one) => one.name === name);
  if (!control || request.method !== 'POST') {
    const names = controls.map((one) => one.name).join(', ');
    return refuse(404, `There is no control ${request.method} /${name}. Expected: POST of one of ${names}.`);
  }
  try {
    const input = control.input.safeParse(JSON.parse(await bodyOf(request)));
    if (!input.success) return refuse(400, z.prettifyError(input.error));
    return { status: 200, body: (await control.perform(stage, input.data)) ?? {} };
  } catch (error) {
    const { name: kind, message } = error as Error;
    return refuse(kind === 'SyntaxError' ? 400 : 409, message);
  }
}

const listed = () =>
  controls.map(({ name, effect, input }) => ({ name, effect, input: z.toJSONSchema(input) }));

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
