import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LossyProxy {
  readonly endpoint: string;
  /** Drops this many of the next responses: the call takes effect, but its caller gets no response. */
  lose(answers: number): void;
  stop(): Promise<void>;
}

/** A proxy that can drop the responses of its upstream. */
export async function startLossyProxy(endpoint: string): Promise<LossyProxy> {
  let losing = 0;
  const server = http.createServer((request, response) => {
    const { method, headers, url } = request;
    const forwarded = http.request(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
      if (losing > 0) {
        losing -= 1;
        answer.resume().once('end', () => request.socket.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    forwarded.once('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (answers) => {
      losing = answers;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
