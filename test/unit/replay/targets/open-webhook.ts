import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, expect, vi } from 'vitest';
import type { Delivery, Target } from '../../../../shared/delivery/target.ts';
import { type WebhookSettings, webhookTarget } from '../../../../shared/replay/targets/webhook.ts';
import type { WebhookAddress } from '../../../../shared/replay/targets/webhook-secret.ts';
import { deadLetter } from '../dead-letter.ts';
import { httpReceiver, keeping, type Received, type Receiver } from './receiver.ts';

export const NOW = new Date('2026-03-01T12:00:00Z');
export const never = new AbortController().signal;
export const TOKEN = 'Bearer tok-4711-s3cret';

export const toEnd: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const one of toEnd.splice(0).reverse()) await (one.close?.() ?? one.stop?.());
});

export async function started(starting: Promise<Receiver>): Promise<Receiver> {
  const receiver = await starting;
  toEnd.push(receiver);
  return receiver;
}

export const serving = (serve: RequestListener) => started(httpReceiver(serve));

/** A receiver that answers each request so, and what came in. */
export async function answering(answer: (response: ServerResponse, request: Received) => void) {
  const received: Received[] = [];
  return { ...(await serving(keeping(received, answer))), received };
}

export function webhook(
  where: number | string,
  difference: Partial<WebhookAddress> & Partial<WebhookSettings> = {},
): Target {
  const url = new URL(
    typeof where === 'string' ? where : `http://127.0.0.1:${where}/hooks/sns?tenant=t-4711`,
  );
  const { headers = { authorization: TOKEN }, certificateAuthority = null, ...settings } = difference;
  const target = webhookTarget(
    { url, headers, certificateAuthority },
    { secret: 'app/webhook', timeout: 5_000, health: null, inFlight: 4, ...settings },
    { now: () => NOW },
  );
  toEnd.push(target);
  return target;
}

export async function deliver(target: Target, { body = '{"order":1}', key = 'key-1', signal = never } = {}) {
  const delivery = await target.deliver(deadLetter({ body }), key, signal);
  expect(JSON.stringify(delivery)).not.toMatch(/\b4711\b|s3cret/);
  return delivery as Delivery & { reason: string };
}

export const accepted = { outcome: 'accepted' };
export const unknown = { outcome: 'unknown', slowDown: true, retryAfter: null };
export const unsent = { outcome: 'failed', slowDown: true, retryAfter: null };
