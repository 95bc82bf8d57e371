import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { formatDuration } from '../../plan/values/duration.ts';
import { KEPT_BYTES } from './quote-answer.ts';

/** How one request ended. */
export type Exchange =
  /** With a complete response. */
  | {
      readonly answered: true;
      readonly status: number;
      readonly statusText: string;
      readonly headers: http.IncomingHttpHeaders;
      /** The first bytes of its body; the rest was read and dropped. */
      readonly head: Buffer;
    }
  /** Without a response. `sent` is false only if no byte of the request can have left this machine. */
  | { readonly answered: false; readonly sent: boolean; readonly reason: string };

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body: Buffer;
}

export interface Exchanges {
  /** Sends a request once. Never throws because of the server's behaviour, and follows no redirect. */
  send(request: Request, signal: AbortSignal): Promise<Exchange>;
  close(): void;
}

/**
 * Many servers close a connection after five idle seconds. If the server closes it during a request, that
 * request's outcome is unknown. So the connection is dropped earlier.
 */
const IDLE_MS = 4_000;

/**
 * HTTP with one server over keep-alive connections.
 *
 * @param timeout milliseconds for a whole exchange, from waiting for a connection to the last byte of the
 * response
 */
export function httpExchanges({
  url,
  certificateAuthority,
  connections,
  timeout,
}: {
  url: URL;
  certificateAuthority: string | null;
  connections: number;
  timeout: number;
}): Exchanges {
  const secure = url.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: connections, timeout: IDLE_MS };
  const agent = secure
    ? new https.Agent({
        ...settings,
        rejectUnauthorized: true, // even if NODE_TLS_REJECT_UNAUTHORIZED says otherwise
        ...(certificateAuthority === null ? {} : { ca: certificateAuthority }),
      })
    : new http.Agent(settings);
  const request = secure ? https.request : http.request;
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? undefined : url.port;
  // Before one of these events no byte of a request leaves: Node waits until the certificate is verified.
  const established = new WeakSet<Socket>();

  return {
    send: ({ method, path, headers, body }, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve({ answered: false, sent: false, reason: 'it was not begun' });
        let socket: Socket | undefined;
        let status: number | undefined;

        const sending = request({ hostname, port, method, path, headers, agent });
        const settle = (exchange: Exchange) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          resolve(exchange);
        };
        const end = (reason: string) => {
          const sent = socket !== undefined && established.has(socket);
          const when = status === undefined ? '' : ` in the middle of an answer (${status})`;
          settle({ answered: false, sent, reason: `${reason}${when}` });
          sending.destroy();
        };
        const broken = (error: Error) => end(describe(error));
        const timer = setTimeout(() => end(`no whole answer within ${formatDuration(timeout)}`), timeout);
        const abort = () => end('the replay ended');
        signal.addEventListener('abort', abort, { once: true });

        sending.on('socket', (given) => {
          socket = given;
          if (!established.has(given))
            given.once(secure ? 'secureConnect' : 'connect', () => established.add(given));
        });
        sending.on('error', broken);
        sending.on('response', (answer) => {
          status = answer.statusCode;
          const kept: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
            bytes += chunk.length;
          });
          answer.on('error', broken);
          answer.on('end', () => {
            const { statusCode = 0, statusMessage: statusText = '' } = answer;
            settle({
              answered: true,
              status: statusCode,
              statusText,
              headers: answer.headers,
              head: Buffer.concat(kept),
            });
            // The response came before the whole request was sent. The rest need not be sent.
            if (!sending.writableFinished) sending.destroy();
          });
        });
        sending.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Node tries every address of a name and collects their errors into one error without a message. */
function describe(error: Error): string {
  if (error instanceof AggregateError)
    return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ');
  return error.message;
}
