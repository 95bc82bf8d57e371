import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly key: string;
  readonly body: string;
  /** Counted from 1, over all requests. */
  readonly nth: number;
}

/** How a request ends: with an answer, which a 2xx takes effect before, or without a whole one. */
export type Reaction =
  | { readonly status: number; readonly headers?: http.OutgoingHttpHeaders }
  | { readonly answer: 'never' | 'cut'; readonly effect: boolean };

export const TAKEN: Reaction = { status: 200 };

/** A receiver that keeps its effects in memory. */
export interface Receiver {
  readonly url: string;
  /** How often each key took effect. */
  readonly effects: ReadonlyMap<string, number>;
  /** What took effect, in its order. */
  readonly taken: readonly Received[];
  requests(): number;
  /** Effects beyond the first of each key. */
  doubles(): number;
  /** Requests that had taken effect before, whether they did so again or not. */
  repeated(): number;
  /** Whether the health check says that it is well. */
  well(well: boolean): void;
  /** Connections are closed and refused. */
  down(): Promise<void>;
  /** Listens again, at the same address. */
  up(): Promise<void>;
}

export const HEALTH = '/health';

/**
 * @param react decides on each request; takes all unless told otherwise
 * @param url where to listen; anywhere on this machine unless told otherwise
 * @param idempotent whether it honours the key; otherwise it does twice what it is sent twice
 */
export async function startReceiver({
  react = () => TAKEN,
  url,
  idempotent = false,
}: {
  react?: ((request: Received) => Reaction | Promise<Reaction>) | undefined;
  url?: string | undefined;
  idempotent?: boolean;
} = {}): Promise<Receiver> {
  const effects = new Map<string, number>();
  const taken: Received[] = [];
  let nth = 0;
  let repeated = 0;
  let isWell = true;

  function take(received: Received): void {
    const times = effects.get(received.key) ?? 0;
    if (times > 0) repeated += 1;
    if (times > 0 && idempotent) return;
    effects.set(received.key, times + 1);
    taken.push(received);
  }

  async function receive(request: http.IncomingMessage, answer: http.ServerResponse): Promise<void> {
    if (request.url === HEALTH) return void answer.writeHead(isWell ? 200 : 503).end();
    // A string of RFC 9651, which of these keys is one of JSON too.
    const key: string = JSON.parse(String(request.headers['idempotency-key']));
    const received = { nth: ++nth, key, body: await text(request) };
    const reaction = await react(received);
    if ('status' in reaction) {
      if (reaction.status < 300) take(received);
      return void answer.writeHead(reaction.status, reaction.headers).end();
    }
    if (reaction.effect) take(received);
    if (reaction.answer === 'cut')
      answer.writeHead(200, { 'content-length': '100' }).write('{', () => answer.destroy());
  }

  const server = http.createServer((request, answer) => {
    receive(request, answer).catch(() => answer.destroy()); // whoever asked has gone
  });
  const { hostname = '127.0.0.1', port, pathname = '/' } = url ? new URL(url) : {};
  server.listen(Number(port ?? 0), hostname);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  return {
    url: `http://${hostname}:${address.port}${pathname}`,
    effects,
    taken,
    requests: () => nth,
    doubles: () => [...effects.values()].reduce((sum, times) => sum + times - 1, 0),
    repeated: () => repeated,
    well(well) {
      isWell = well;
    },
    async down() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async up() {
      server.listen(address.port, hostname);
      await once(server, 'listening');
    },
  };
}
