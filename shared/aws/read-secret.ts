import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { classifyServiceError } from './service-error.ts';

/** A secret that the plan names is missing, may not be read, or does not have the expected content. */
export class SecretUnusable extends LifeboatError {
  override readonly name = 'SecretUnusable';
  override readonly kind = 'usage';

  /** @param problem completes `secret "name" …`; never quotes the value */
  constructor(secret: string, problem: string, options?: ErrorOptions) {
    super(`secret "${secret}" ${problem}`, options);
  }
}

/** Secrets Manager did not answer, or throttled until the attempts ran out. */
export class SecretUnavailable extends LifeboatError {
  override readonly name = 'SecretUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/**
 * Reads the text of a secret. No error quotes any of it.
 *
 * @param name the secret's name in the plan
 * @throws SecretUnusable where the secret is missing, may not be read or has no text: correct it first
 * @throws SecretUnavailable where a later read may succeed
 */
export async function readSecret(secrets: SecretsManagerClient, name: string): Promise<string> {
  let answer: { SecretString?: string | undefined };
  try {
    answer = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
  } catch (cause) {
    throw unreadable(name, cause);
  }
  if (!answer.SecretString) throw new SecretUnusable(name, 'has no text value');
  return answer.SecretString;
}

/**
 * Reads a secret whose text is JSON.
 *
 * @param expected the expected content, for the message: `{"url": "https://…"}`
 * @throws SecretUnusable, SecretUnavailable
 */
export async function readJsonSecret(
  secrets: SecretsManagerClient,
  name: string,
  expected: string,
): Promise<unknown> {
  return parseJsonSecret(name, await readSecret(secrets, name), expected);
}

/** @throws SecretUnusable */
export function parseJsonSecret(name: string, text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the secret.
    throw new SecretUnusable(name, `is not JSON: expected ${expected}`);
  }
}

function unreadable(secret: string, cause: unknown): unknown {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  switch (classifyServiceError(cause)) {
    case 'missing':
      return new SecretUnusable(secret, `could not be read (${reason}): create it in this Region`, { cause });
    case 'forbidden':
      return new SecretUnusable(
        secret,
        `could not be read (${reason}): allow the function's role to read it, and to decrypt with its key`,
        { cause },
      );
    case 'refused':
    case 'unauthenticated':
      return new SecretUnusable(secret, `could not be read (${reason})`, { cause });
    case 'throttled':
    case 'unavailable':
    case 'unreachable':
      return new SecretUnavailable(`secret "${secret}" could not be read (${reason})`, { cause });
    case null:
      return cause;
  }
}
