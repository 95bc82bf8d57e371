import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { PassThrough, pipeline, type Transform } from 'node:stream';

/** Where requests go on to: a Unix socket, over connections that are kept. */
export interface Upstream {
  readonly socketPath: string;
  readonly agent: http.Agent;
  /** What it writes, in the run's folder. */
  readonly log: string;
}

/** An upstream listening on a Unix socket. */
export function unixUpstream(socketPath: string, log = 'ministack.log'): Upstream {
  return { socketPath, log, agent: new http.Agent({ keepAlive: true, maxSockets: 256 }) };
}

/**
 * Headers about one connection and not about the message (RFC 9110, 7.6.1); each side has its own. `Expect` is answered
 * by this side's server. `Transfer-Encoding` stays: Node frames by it.
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
 * Says that the request came over TLS, as every request to AWS does: policies that deny anything else are enforced.
 * Between the processes of one machine nothing is encrypted; that part the local AWS does not prove.
 */
const asFromTls = ['x-forwarded-proto', 'https'];

/**
 * Hands a request on with its host header and signature as they came, and streams both bodies, no faster than the
 * slower side reads. `held` is the body where it was read already; the answer's body goes through `change`. Where nothing
 * answers behind the gateway, `refuse` says so to the client.
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
      // An answer that breaks off breaks off for the client too: pipeline destroys the response.
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
    if (!response.writableFinished) upstream.destroy(); // the client went away
  });
  if (held) upstream.end(held);
  else pipeline(request, upstream, () => {});
}

/** `[name, value, name, value, …]` without what concerns one connection only; order and repetitions stay. */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopByHop.has((raw[index - (index % 2)] ?? '').toLowerCase()));
}
