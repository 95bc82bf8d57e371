import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { parseJsonSecret, readSecret, SecretUnusable } from '../aws/read-secret.ts';

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

const EXPECTED = '{"host", "port", "username", "password", "dbname"}';

/** All that is needed to open a verified TLS connection to one database. Holds a password: never log it. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly dbname: string;
  /** PEM of the certificate authority that the server's certificate must chain to. */
  readonly certificateAuthority: string;
  /** Access to the server by the login that created this database, where the database has a login of its own. */
  readonly createdBy?: DatabaseAccess;
}

/**
 * Reads the address and the login of a database. No error quotes a value of the secret.
 *
 * @param names the plan's names of two secrets: the database's JSON and the PEM of its certificate authority
 * @throws SecretUnusable naming the secret and what is wrong with it; SecretUnavailable
 */
export async function readDatabaseAccess(
  secrets: SecretsManagerClient,
  names: { secret: string; certificateAuthority: string },
): Promise<DatabaseAccess> {
  const [text, certificateAuthority] = await Promise.all([
    readSecret(secrets, names.secret),
    readSecret(secrets, names.certificateAuthority),
  ]);
  requireCertificate(names.certificateAuthority, certificateAuthority);
  const parsed = DatabaseSecret.safeParse(parseJsonSecret(names.secret, text, EXPECTED));
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    throw new SecretUnusable(names.secret, `lacks or misstates: ${fields}`);
  }
  return { ...parsed.data, certificateAuthority };
}

/** What RDS keeps in the secret of a master password. */
const ManagedSecret = DatabaseSecret.pick({ username: true, password: true });

/**
 * Reads the login of an RDS instance whose master password RDS manages. The secret has no address.
 *
 * @throws SecretUnusable, SecretUnavailable
 */
export async function readManagedAccess(
  secrets: SecretsManagerClient,
  {
    host,
    port,
    dbname,
    ...names
  }: Pick<DatabaseAccess, 'host' | 'port' | 'dbname'> & {
    /** ARN of the secret that RDS made. */
    readonly loginSecret: string;
    readonly certificateAuthority: string;
  },
): Promise<DatabaseAccess> {
  const [text, certificateAuthority] = await Promise.all([
    readSecret(secrets, names.loginSecret),
    readSecret(secrets, names.certificateAuthority),
  ]);
  requireCertificate(names.certificateAuthority, certificateAuthority);
  const parsed = ManagedSecret.safeParse(
    parseJsonSecret(names.loginSecret, text, '{"username", "password"}'),
  );
  if (!parsed.success) throw new SecretUnusable(names.loginSecret, 'lacks or misstates username or password');
  return { host, port, dbname, ...parsed.data, certificateAuthority };
}

function requireCertificate(name: string, pem: string): void {
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new SecretUnusable(name, 'holds no PEM certificate: put the CA bundle of the database there');
}
