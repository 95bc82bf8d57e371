import { X509Certificate } from 'node:crypto';
import { validateHeaderName } from 'node:http';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { readJsonSecret, readSecret, SecretUnusable } from '../../aws/read-secret.ts';
import type { Webhook } from '../../plan/sections/replays.ts';
import { isLoopback } from '../../plan/values/loopback.ts';

/** The address of a webhook and its credentials. Holds secrets: never log it. */
export interface WebhookAddress {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of the only trusted certificate authority; null to trust the public ones. */
  readonly certificateAuthority: string | null;
}

const WebhookSecret = z.object({
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).default({}),
});

const EXPECTED = '{"url": "https://…", "headers": {"name": "value"}}';

/**
 * Headers that a secret may not set: those about the connection, and those that tell a request from its
 * repetition.
 */
const RESERVED = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads the address of a webhook and the headers it needs. No error reveals their values.
 *
 * @throws SecretUnusable naming the secret and what to change in it
 */
export async function readWebhookAddress(
  secrets: SecretsManagerClient,
  { secret, certificateAuthority }: Pick<Webhook, 'secret' | 'certificateAuthority'>,
): Promise<WebhookAddress> {
  const { url, headers } = parseSecret(secret, await readJsonSecret(secrets, secret, EXPECTED));
  checkHeaders(secret, headers);
  const authority =
    certificateAuthority === undefined ? null : await readSecret(secrets, certificateAuthority);
  if (authority !== null && !isCertificate(authority))
    throw new SecretUnusable(
      certificateAuthority ?? secret,
      'holds no PEM certificate: put the certificate authority of the receiver there',
    );
  return { url: parseUrl(secret, url), headers, certificateAuthority: authority };
}

function parseSecret(secret: string, json: unknown): z.output<typeof WebhookSecret> {
  const parsed = WebhookSecret.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path[0]?.toString() ?? 'the whole');
  throw new SecretUnusable(
    secret,
    `lacks or misstates ${[...new Set(fields)].join(' and ')}: expected ${EXPECTED}`,
  );
}

function parseUrl(secret: string, text: string): URL {
  if (!URL.canParse(text)) throw new SecretUnusable(secret, 'has an invalid `url`: expected https://…');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new SecretUnusable(secret, 'has a `url` that is not https://');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new SecretUnusable(
      secret,
      `would send to ${url.host} without TLS: write https:// (http:// is for the same machine only)`,
    );
  if (url.username !== '' || url.password !== '')
    throw new SecretUnusable(secret, 'has credentials in its `url`: put them into a header');
  return url;
}

function checkHeaders(secret: string, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName(name)) throw new SecretUnusable(secret, 'has an invalid header name');
    if (RESERVED.has(name.toLowerCase()) || name.toLowerCase().startsWith('proxy-'))
      throw new SecretUnusable(secret, `sets the header "${name}", which the replay sets: leave it out`);
    if (!/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value))
      throw new SecretUnusable(secret, `has a header "${name}" whose value is empty or not printable ASCII`);
  }
}

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name);
    return true;
  } catch {
    return false;
  }
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
