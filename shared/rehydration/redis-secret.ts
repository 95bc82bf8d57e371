import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { readSecret, SecretUnusable } from '../aws/read-secret.ts';
import { isLoopback } from '../plan/values/loopback.ts';

/** The address of a Redis and its login. Holds a password: never log it. */
export interface RedisAccess {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the only trusted certificate authority; null to trust the public ones. */
  readonly certificateAuthority: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
}

const RedisSecret = z.object({
  url: z.string().min(1),
  certificateAuthority: z.string().includes('-----BEGIN CERTIFICATE-----').nullable().default(null),
});

const EXPECTED = 'expected {"url": "rediss://user:password@host:port/0"}';

/**
 * Reads the address and the login of a Redis. No error quotes a value of the secret except the host.
 *
 * @throws SecretUnusable naming the secret and what to change in it
 */
export async function readRedisAccess(secrets: SecretsManagerClient, name: string): Promise<RedisAccess> {
  return parseRedisSecret(name, await readSecret(secrets, name));
}

/** @throws SecretUnusable naming the secret and what to change in it */
export function parseRedisSecret(name: string, text: string): RedisAccess {
  const misconfigured = (problem: string) => new SecretUnusable(name, problem);
  const parsed = RedisSecret.safeParse(parseJson(text));
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole');
    throw misconfigured(`lacks or misstates ${[...new Set(fields)].join(' and ')}: ${EXPECTED}`);
  }
  const { certificateAuthority } = parsed.data;
  if (!URL.canParse(parsed.data.url)) throw misconfigured(`has an invalid "url": ${EXPECTED}`);
  const url = new URL(parsed.data.url);
  if (url.protocol !== 'rediss:' && url.protocol !== 'redis:')
    throw misconfigured('has a "url" that is not rediss://');
  const tls = url.protocol === 'rediss:';
  if (!tls && !isLoopback(url.hostname))
    throw misconfigured(
      `would send to ${url.host} without TLS: write rediss:// (redis:// is for the same machine only)`,
    );
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (url.hostname === '' || database === undefined)
    throw misconfigured(`has a "url" without host, or with a path that is not a number: ${EXPECTED}`);
  try {
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
      tls,
      certificateAuthority,
      username: decodeURIComponent(url.username) || null,
      password: decodeURIComponent(url.password) || null,
      database: Number(database),
    };
  } catch {
    // The error would quote the text that could not be decoded.
    throw misconfigured('has a user or password that is not percent-encoded: write % as %25');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message would quote the secret
  }
}
