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

/** How a request ends: with a response (a 2xx takes effect first), or with an incomplete or missing one. */
export type Reaction =
  | { readonly status: number; readonly headers?: http.OutgoingHttpHeaders }
  | { readonly answer: 'never' | 'cut'; readonly effect: boolean };

export const TAKEN: Reaction = { status: 200 };

/** A receiver that keeps its effects in memory. */
export interface Receiver {
  readonly url: string;
  /** How often each key took effect. */
  readonly effects: ReadonlyMap<string, number>;
  /** The effects, in order. */
  readonly taken: readonly Received[];
  requests(): number;
  /** Effects beyond the first of each key. */
  doubles(): number;
  /** Requests whose key had already taken effect, whether or not they took effect again. */
  repeated(): number;
  /** Whether the health check reports healthy. */
  well(well: boolean): void;
  /** Connections are closed and refused. */
  down(): Promise<void>;
  /** Listens again, at the same address. */
  up(): Promise<void>;
}

export const HEALTH = '/health';

/**
 * @param react decides on each request; accepts all by default
 * @param url where to listen; any local port by default
 * @param idempotent whether it honours the key; otherwise it applies a repeated request twice
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
    // An RFC 9651 string, which for these keys is also valid JSON.
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
    receive(request, answer).catch(() => answer.destroy()); // the client disconnected
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
