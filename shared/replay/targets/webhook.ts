import type { Clock } from '../../clock/clock.ts';
import { accepted, failed, refused, unknown } from '../../delivery/delivery-outcome.ts';
import type { Delivery, Target } from '../../delivery/target.ts';
import { classify } from './classify-http-status.ts';
import { type Exchange, httpExchanges } from './exchange.ts';
import { idempotencyKey } from './idempotency-key-header.ts';
import { messageHeaders } from './message-headers.ts';
import { quoteAnswer } from './quote-answer.ts';
import type { WebhookAddress } from './webhook-secret.ts';

export interface WebhookSettings {
  /** Name of the secret that holds the address, for use in reasons. */
  readonly secret: string;
  /** Milliseconds for a whole exchange. */
  readonly timeout: number;
  /** Path that responds with 2xx while the receiver is healthy; null for no health check. */
  readonly health: string | null;
  /** Deliveries in flight at the same time. */
  readonly inFlight: number;
}

/**
 * Posts each message as SNS does, byte for byte, with its key as `Idempotency-Key`. The secret's headers are
 * added and override ours. No reason shows any value of the secret except the address's host.
 */
export function webhookTarget(
  address: WebhookAddress,
  { secret, timeout, health, inFlight }: WebhookSettings,
  clock: Clock,
): Target {
  const { url, certificateAuthority } = address;
  const exchanges = httpExchanges({
    url,
    certificateAuthority,
    connections: inFlight + 1, // one more for the health check
    timeout,
  });
  const headers = Object.fromEntries(
    Object.entries(address.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const pathOf = ({ pathname, search }: URL) => `${pathname}${search}`;
  const path = pathOf(url);
  const healthPath = health === null ? null : pathOf(new URL(`${url.origin}${health}`));

  function read(exchange: Exchange): Delivery {
    if (!exchange.answered) {
      return exchange.sent
        ? unknown(`${url.host} was sent it and did not answer: ${exchange.reason}`, { slowDown: true })
        : failed(`${url.host} was sent nothing: ${exchange.reason}`, { slowDown: true });
    }
    const { outcome, ...pressure } = classify(exchange.status, exchange.headers['retry-after'], clock.now());
    if (outcome === 'accepted') return accepted;
    const reason = describe(exchange);
    if (outcome === 'refused') return refused(reason);
    return outcome === 'failed' ? failed(reason, pressure) : unknown(reason, pressure);
  }

  function describe(exchange: Extract<Exchange, { answered: true }>): string {
    const { status, headers } = exchange;
    if (status >= 300 && status <= 399 && headers.location !== undefined)
      return `${url.host} answered ${status} and points to ${hostOf(headers.location, url)}: redirects are not followed; put the address it points to into the secret "${secret}"`;
    return `${url.host} answered ${quoteAnswer(exchange, address)}`;
  }

  return {
    async deliver(message, key, signal) {
      const body = Buffer.from(message.body);
      const own = messageHeaders(message.content);
      return read(
        await exchanges.send(
          {
            method: 'POST',
            path,
            headers: {
              ...own,
              ...headers,
              'idempotency-key': idempotencyKey(key),
              'content-length': body.length,
            },
            body,
          },
          signal,
        ),
      );
    },

    async health(signal) {
      if (healthPath === null) return null;
      const exchange = await exchanges.send(
        { method: 'GET', path: healthPath, headers: { 'user-agent': 'Lifeboat', ...headers }, body: NOTHING },
        signal,
      );
      if (!exchange.answered)
        return { healthy: false, reason: `${url.host} did not answer its health check: ${exchange.reason}` };
      if (exchange.status >= 200 && exchange.status <= 299) return { healthy: true };
      return { healthy: false, reason: `health check: ${describe(exchange)}` };
    },

    async close() {
      exchanges.close();
    },
  };
}

const NOTHING = Buffer.alloc(0);

function hostOf(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? new URL(location, base).host : 'no address';
}
