import { printable } from '../../delivery/printable.ts';
import type { WebhookAddress } from './webhook-secret.ts';

/** As much of an answer is kept to be looked at. */
export const KEPT_BYTES = 4_096;

/**
 * What an answer says, for people: `400 Bad Request: "no such campaign"`. An answer may repeat what was sent to it. Where it
 * has anything of the secret in it, also in another spelling, none of its words are shown.
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
    // Few messages may meet by chance.
    return text.includes(secret) || (own.length >= 8 && messages.includes(own));
  });
}

/** What is left of a text however it is escaped: for JSON, for HTML or for an address. */
function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/%[0-9a-f]{2}|&#?\w+;|\\u[0-9a-f]{4}/g, '')
    .replace(/[^a-z0-9]/g, '');
}

/** Whole values, and the parts that a receiver may name alone, such as a token without its scheme. */
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
