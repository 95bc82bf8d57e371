import { printable } from '../../delivery/printable.ts';
import type { WebhookAddress } from './webhook-secret.ts';

/** How much of a response is kept for display. */
export const KEPT_BYTES = 4_096;

/**
 * Describes a response for people: `400 Bad Request: "no such campaign"`. A response may repeat the request.
 * If it contains any part of the secret, in any spelling, none of its text is shown.
 *
 * @param head the first bytes of its body
 */
export function quoteAnswer(
  { status, statusText, head }: { status: number; statusText: string; head: Buffer },
  address: Pick<WebhookAddress, 'url' | 'headers'>,
): string {
  const text = head.toString();
  if (repeatsSecret(`${statusText}\n${text}`, address))
    return `${status} (it repeats a part of the secret, and is not shown)`;
  const phrase = printable(statusText);
  const words = printable(text);
  return [[status, phrase].filter(Boolean).join(' '), words && `"${words}"`].filter(Boolean).join(': ');
}

function repeatsSecret(text: string, address: Pick<WebhookAddress, 'url' | 'headers'>): boolean {
  const messages = lettersOf(text);
  return secretsOf(address).some((secret) => {
    const own = lettersOf(secret);
    // A few letters can match by chance.
    return text.includes(secret) || (own.length >= 8 && messages.includes(own));
  });
}

/** The characters of a text that no escaping changes, whether for JSON, HTML or an address. */
function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/%[0-9a-f]{2}|&#?\w+;|\\u[0-9a-f]{4}/g, '')
    .replace(/[^a-z0-9]/g, '');
}

/** Whole values, and parts that a receiver may quote alone, such as a token without its scheme. */
function secretsOf({ url, headers }: Pick<WebhookAddress, 'url' | 'headers'>): string[] {
  const values = Object.values(headers);
  const path = `${url.pathname}${url.search}`;
  return [
    ...values,
    ...values.flatMap((value) => value.split(/[\s,;=]+/)).filter((part) => part.length >= 6),
    ...[path, url.pathname].filter((part) => part !== '/'),
    ...url.pathname.split('/').filter((part) => part.length >= 16),
    ...[...url.searchParams.values()].filter((part) => part.length >= 4),
  ];
}
