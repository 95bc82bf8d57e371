import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * The JSON that RDS and Secrets Manager keep for a database, plus what is ours to know about it.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
const DatabaseSecret = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().positive().default(5432),
  username: z.string().min(1),
  password: z.string().min(1),
  dbname: z.string().min(1).default('postgres'),
});

/** All that is needed to open a verified TLS connection to one database. Holds a password: never log it. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly dbname: string;
  /** PEM of the certificate authority that the server's certificate must chain to. */
  readonly certificateAuthority: string;
}

/** A secret that the plan names is missing, unreadable or not in the format of a database secret. */
export class SecretUnusable extends LifeboatError {
  override readonly name = 'SecretUnusable';
  override readonly kind = 'usage';
  constructor(secret: string, problem: string, options?: ErrorOptions) {
    super(`secret "${secret}" ${problem}`, options);
  }
}

/**
 * Reads where a database is and how to enter it. Neither errors nor results carry secret values onwards in text.
 *
 * @param names the plan's names of two secrets: the database's JSON and the PEM of its certificate authority
 * @throws SecretUnusable naming the secret and what is wrong with it
 */
export async function readDatabaseAccess(
  secrets: SecretsManagerClient,
  names: { secret: string; certificateAuthority: string },
): Promise<DatabaseAccess> {
  const [text, certificateAuthority] = await Promise.all([
    readSecret(secrets, names.secret),
    readSecret(secrets, names.certificateAuthority),
  ]);
  if (!certificateAuthority.includes('-----BEGIN CERTIFICATE-----'))
    throw new SecretUnusable(
      names.certificateAuthority,
      'holds no PEM certificate: put the CA bundle of the database there',
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message would quote the secret.
    throw new SecretUnusable(
      names.secret,
      'is not JSON: expected {"host", "port", "username", "password", "dbname"}',
    );
  }
  const parsed = DatabaseSecret.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    throw new SecretUnusable(names.secret, `lacks or misstates: ${fields}`);
  }
  return { ...parsed.data, certificateAuthority };
}

async function readSecret(secrets: SecretsManagerClient, name: string): Promise<string> {
  let answer: { SecretString?: string | undefined };
  try {
    answer = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new SecretUnusable(name, `could not be read (${reason})`, { cause });
  }
  if (!answer.SecretString) throw new SecretUnusable(name, 'has no text value');
  return answer.SecretString;
}
