import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { PassThrough, pipeline, type Transform } from 'node:stream';

/** The upstream for requests: a Unix socket, with keep-alive connections. */
export interface Upstream {
  readonly socketPath: string;
  readonly agent: http.Agent;
  /** The file in the run's folder that it writes to. */
  readonly log: string;
}

/** An upstream listening on a Unix socket. */
export function unixUpstream(socketPath: string, log = 'ministack.log'): Upstream {
  return { socketPath, log, agent: new http.Agent({ keepAlive: true, maxSockets: 256 }) };
}

/**
 * Headers that concern one connection, not the message (RFC 9110, 7.6.1); each side has its own. This side's server
 * answers `Expect`. `Transfer-Encoding` stays, because Node uses it for framing.
 */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/**
 * Marks the request as received over TLS, as every request to AWS is: policies that deny anything else are enforced.
 * Traffic between local processes is not encrypted; the local AWS does not prove that part.
 */
const asFromTls = ['x-forwarded-proto', 'https'];

/**
 * Forwards a request with its host header and signature unchanged, and streams both bodies with backpressure.
 * `held` is the body if it was already read. The response body passes through `change`. If the upstream does not
 * respond, `refuse` tells the client.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { socketPath, agent, log }: Upstream,
  held?: Buffer,
  change: Transform = new PassThrough(),
  refuse: (reason: string) => void = (reason) =>
    void response.writeHead(502, { 'content-type': 'text/plain' }).end(reason),
): void {
  const upstream = http.request(
    {
      socketPath,
      agent,
      method: request.method,
      path: request.url,
      headers: [...endToEnd(request.rawHeaders), ...asFromTls],
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
      // A response that breaks off also breaks off for the client: pipeline destroys it.
      pipeline(answer, change, response, () => {});
    },
  );
  upstream.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else
      refuse(
        `nothing answers behind the gateway (${error.message}): has it ended? Its log is ${log} in the run's folder`,
      );
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy(); // the client disconnected
  });
  if (held) upstream.end(held);
  else pipeline(request, upstream, () => {});
}

/** `[name, value, name, value, …]` without connection headers; order and repetitions stay. */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopByHop.has((raw[index - (index % 2)] ?? '').toLowerCase()));
}
