import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import type { KeyPair } from 'certificate-authority';

/** A real server on a free port of this machine, that is listened to down to its connections. */
export interface Receiver {
  readonly port: number;
  /** Every connection that was made to it. */
  readonly sockets: readonly Socket[];
  open(): number;
  stop(): Promise<void>;
}

async function listen(server: Server, host = '127.0.0.1'): Promise<Receiver> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {}); // of clients that go away
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    open: () => sockets.filter(({ destroyed }) => !destroyed).length,
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

export const httpReceiver = (serve: RequestListener): Promise<Receiver> =>
  listen(http.createServer({ keepAliveTimeout: 60_000 }, serve));

export const httpsReceiver = (
  { certificate, key }: KeyPair,
  serve: RequestListener,
  host?: string,
): Promise<Receiver> => {
  const server = https.createServer({ cert: certificate, key }, serve);
  server.on('tlsClientError', () => {}); // of clients that refuse the certificate
  return listen(server, host);
};

/** A server that speaks as it likes. Told what came in so far, each time that more comes. */
export const rawReceiver = (serve: (socket: Socket, received: string) => void): Promise<Receiver> =>
  listen(
    net.createServer((socket) => {
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        serve(socket, received);
      });
    }),
  );

/** What a request brought. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Reads a whole request, keeps it, and only then lets it be answered. */
export function keeping(
  kept: Received[],
  answer: (response: ServerResponse, request: Received) => void = (response) => void response.end(),
): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers, rawHeaders } = request;
      const received = { method, path, headers, rawHeaders, body: Buffer.concat(chunks) };
      kept.push(received);
      answer(response, received);
    });
  };
}
