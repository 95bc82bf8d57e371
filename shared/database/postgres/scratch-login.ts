import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { type DatabaseTraits, ScratchNotDropped } from '../engine.ts';
import { majorVersion, serverVersionOf } from './catalog.ts';

/** CREATE ROLE … WITH INHERIT and SET options of a membership. https://www.postgresql.org/docs/16/sql-grant.html */
export const MEMBERSHIP_OPTIONS_SINCE = 16;

/**
 * Why a scratch database cannot have a login of its own; null if it can.
 *
 * The login owns the database and nothing else, so what restored code does there cannot reach the server's other databases,
 * create roles, or lock Lifeboat out. It must be able to load what the scratch login itself could load.
 *
 * @param options.stays the copy is handed over, so its login must not be the server's. Then a superuser makes it one all the same,
 * and the server's login creates the extensions that a plain login may not (see extensions-for-login.ts).
 */
export async function whyNoLogin(
  client: pg.Client,
  like: Pick<DatabaseTraits, 'extensions'>,
  { stays }: { readonly stays: boolean },
): Promise<string | null> {
  const { rows } = await client.query<Record<'superuser' | 'mayCreate' | 'inherits' | 'bypasses', boolean>>(
    `SELECT rolsuper AS superuser, rolcreaterole AS "mayCreate", rolinherit AS inherits, rolbypassrls AS bypasses
     FROM pg_catalog.pg_roles WHERE rolname = current_user`,
  );
  const [login] = rows;
  const optionsOfMemberships = majorVersion(await serverVersionOf(client)) >= MEMBERSHIP_OPTIONS_SINCE;
  if (login?.superuser && stays) return null;
  if (login?.superuser) return 'the scratch login is a superuser, and a plain login could load less';
  if (!login?.mayCreate) return 'the scratch login lacks CREATEROLE';
  if (!optionsOfMemberships && !login.inherits) return 'the scratch login is NOINHERIT';
  if (!optionsOfMemberships && login.bypasses)
    return 'only a superuser can hand on BYPASSRLS before PostgreSQL 16';
  if (stays) return null;
  const { rows: untrusted } = await client.query<{ name: string }>(
    `SELECT DISTINCT name::text FROM pg_catalog.pg_available_extension_versions
     WHERE name = ANY ($1) AND superuser AND NOT trusted ORDER BY 1`,
    [like.extensions.map(({ name }) => name)],
  );
  if (untrusted.length === 0) return null;
  return `only a privileged login can create the extension ${untrusted.map(({ name }) => name).join(', ')}`;
}

/** Creates the login of a scratch database, with no password yet, and lets this role act for it. */
export async function createLogin(client: pg.Client, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const { rows } = await client.query<{ bypasses: boolean }>(
    // What a superuser may is not handed on to an application.
    'SELECT rolbypassrls AND NOT rolsuper AS bypasses FROM pg_catalog.pg_roles WHERE rolname = current_user',
  );
  const bypass = rows[0]?.bypasses ? 'BYPASSRLS' : 'NOBYPASSRLS';
  await client.query(
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ${bypass} PASSWORD NULL`,
  );
  const options =
    majorVersion(await serverVersionOf(client)) >= MEMBERSHIP_OPTIONS_SINCE
      ? ' WITH INHERIT TRUE, SET TRUE'
      : '';
  await client.query(`GRANT ${role} TO CURRENT_USER${options}`);
}

/** Whether a scratch database has a login of its own. */
export async function hasLogin(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [name]);
  return rows.length > 0;
}

/**
 * Gives the login a new password, and takes off what restored code may have set on its own role or database. Whatever it did,
 * the next step can log in.
 */
export async function renewLogin(client: pg.Client, name: string): Promise<string> {
  const role = pg.escapeIdentifier(name);
  const password = randomBytes(24).toString('base64url');
  await client.query(
    `ALTER ROLE ${role} LOGIN CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD ${pg.escapeLiteral(verifierOf(password))};
     ALTER ROLE ${role} RESET ALL; ALTER ROLE ${role} IN DATABASE ${role} RESET ALL;
     ALTER DATABASE ${role} CONNECTION LIMIT -1`,
  );
  return password;
}

/** The login owns nothing outside of its database, which is gone by now. */
export async function dropLogin(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(name)}`);
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError)) throw cause;
    throw new ScratchNotDropped(
      `the login "${name}" is still on the scratch server, its database is gone: ${cause.message}${cause.detail ? ` (${cause.detail})` : ''}. Drop it by hand: DROP ROLE ${pg.escapeIdentifier(name)}`,
      { cause },
    );
  }
}

const ITERATIONS = 4096;

/**
 * The form in which PostgreSQL keeps a password. Sent in this form, the password itself appears in no log of the server.
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
function verifierOf(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (of: string) => createHmac('sha256', salted).update(of).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
