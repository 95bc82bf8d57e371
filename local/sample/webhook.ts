import type http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startLoopbackServer } from './loopback-server.ts';
import { EventRefused, prepareEvents, recordEvent } from './record-event.ts';

/** How a request fails that should have succeeded. */
export type Fault =
  /** A response without effect: 429, 500, 503 … `retryAfter` is the literal header. */
  | { readonly status: number; readonly retryAfter?: string }
  /** No response. */
  | { readonly hang: 'before the effect' | 'after the effect' }
  /** The connection closes in the middle of the response. */
  | { readonly cut: 'before the effect' | 'after the effect' };

/** The failures to produce from now on. */
export interface InjectedFault {
  readonly fault: Fault;
  /** One request in this many, counted from now; every one by default. */
  readonly oneIn?: number;
}

/** Counts since the receiver was started. */
export interface Counts {
  /** Requests to the webhook, however they ended. */
  readonly requests: number;
  /** Complete responses, by status. */
  readonly answers: Readonly<Record<number, number>>;
  /** Requests that wrote a row to `email_events`. */
  readonly effects: number;
  /** Requests whose event had already been recorded. */
  readonly known: number;
}

/** MailBlast's webhook for SES events, with its health check: runs locally and writes to its real table. */
export interface SampleWebhook {
  readonly url: string;
  readonly healthUrl: string;
  counts(): Counts;
  /** Delays every response by this many milliseconds. */
  delay(milliseconds: number): void;
  /** Makes requests fail from now on; undefined stops it. */
  inject(injected: InjectedFault | undefined): void;
  /** Whether `/health/ready` reports healthy. */
  well(well: boolean): void;
  /** Connections are closed and refused. */
  down(): Promise<void>;
  /** Listens again, at the same address. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

const HEALTH = '/health/ready';

/**
 * Starts the receiver at a local address; its path is the webhook's. The database must hold the sample.
 *
 * @param idempotent false: an application that records every request it receives
 */
export async function startWebhook({
  url,
  database,
  idempotent = true,
}: {
  readonly url: string;
  readonly database: pg.ClientConfig;
  readonly idempotent?: boolean;
}): Promise<SampleWebhook> {
  const { pathname } = new URL(url);
  const db = new pg.Pool({ ...database, max: 8 });
  db.on('error', () => {}); // a server that disconnects makes the next query fail
  const stopping = new AbortController();
  const answers: Record<number, number> = {};
  const counts = { requests: 0, effects: 0, known: 0 };
  let latency = 0;
  let isWell = true;
  let injected: (InjectedFault & { requests: number }) | undefined;

  function nextFault(): Fault | undefined {
    if (!injected) return undefined;
    injected.requests += 1;
    return injected.requests % (injected.oneIn ?? 1) === 0 ? injected.fault : undefined;
  }

  async function take(body: string): Promise<number> {
    try {
      counts[(await recordEvent(db, body, { once: idempotent })) ? 'effects' : 'known'] += 1;
      return 200;
    } catch (error) {
      return error instanceof EventRefused ? 422 : 503;
    }
  }

  function answer(
    response: http.ServerResponse,
    status: number,
    headers: http.OutgoingHttpHeaders = {},
  ): void {
    answers[status] = (answers[status] ?? 0) + 1;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ status }));
  }

  async function onEvent(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    counts.requests += 1;
    const fault = nextFault();
    const body = await text(request);
    if (latency > 0) await sleep(latency, undefined, { signal: stopping.signal });
    if (fault && 'status' in fault) {
      const { status, retryAfter } = fault;
      answer(response, status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    } else if (fault) {
      const cut = 'cut' in fault;
      if ((cut ? fault.cut : fault.hang) === 'after the effect') await take(body);
      if (cut) response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy());
    } else if (request.headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation') {
      answer(response, await confirm(body));
    } else {
      answer(response, await take(body));
    }
  }

  const listener: http.RequestListener = (request, response) => {
    if (request.url === HEALTH) response.writeHead(isWell ? 200 : 503).end();
    else if (request.method !== 'POST' || request.url !== pathname) answer(response, 404);
    else onEvent(request, response).catch(() => response.destroy()); // the client disconnected
  };

  try {
    await prepareEvents(db, { once: idempotent });
    const server = await startLoopbackServer(url, listener);
    return {
      url,
      healthUrl: new URL(HEALTH, url).href,
      counts: () => ({ ...counts, answers: { ...answers } }),
      delay(milliseconds) {
        latency = milliseconds;
      },
      inject(next) {
        injected = next && { ...next, requests: 0 };
      },
      well(well) {
        isWell = well;
      },
      ...server,
      async stop() {
        stopping.abort();
        await server.down();
        await db.end();
      },
    };
  } catch (error) {
    await db.end();
    throw error;
  }
}

/** Confirms a subscription, as MailBlast does, if the confirmation URL is on this machine or belongs to SNS. */
async function confirm(body: string): Promise<number> {
  const { SubscribeURL = '' } = JSON.parse(body) as { SubscribeURL?: string };
  if (!/^(?:127\.0\.0\.1|localhost|sns\.[a-z0-9-]+\.amazonaws\.com)$/.test(new URL(SubscribeURL).hostname))
    return 422;
  const { ok } = await fetch(SubscribeURL);
  return ok ? 200 : 503;
}
