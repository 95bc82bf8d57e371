import pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import { type HandOver, HandOverRefused, type HandOverReport, NameTaken } from '../engine.ts';
import { isAbsent } from './absent.ts';
import {
  type Applying,
  applied,
  applyGrants,
  applySourceSettings,
  newApplying,
  ownerThere,
} from './apply-rights.ts';
import { readArchive } from './archive/read-archive.ts';
import { majorVersion, serverVersionOf } from './catalog.ts';
import { withConnection } from './connect.ts';
import { PLACEHOLDER } from './schema/placeholder-roles.ts';
import { type SourceRights, sourceRights } from './schema/source-rights.ts';
import { MEMBERSHIP_OPTIONS_SINCE, renewLogin } from './scratch-login.ts';

/** duplicate_database, and duplicate_object for a role. */
const TAKEN = new Set(['42P04', '42710']);
/** object_in_use: a session came back between the last look and the renaming. */
const IN_USE = '55006';
const TRIES = 5;

/** Settings whose value is a list of names. One literal for all of them would be a single name with commas in it. */
const LISTS = new Set([
  'search_path',
  'temp_tablespaces',
  'local_preload_libraries',
  'session_preload_libraries',
]);

/** What was given to a copy before its name, and what of the source's settings comes with the name. */
export interface Given extends Pick<HandOverReport, 'owner' | 'grantsLeftOut'> {
  /** Those of the source, for a database of that quoted name. */
  readonly rights: ((database: string) => SourceRights) | null;
  readonly report: Applying;
}

/**
 * Gives everything in a database to its owner, and runs the grants as that owner, first those of the source: all of the plan or
 * nothing.
 *
 * @param name of the database and of its login
 * @throws HandOverRefused naming the statement that the server refused
 */
export async function giveToOwner(
  server: DatabaseAccess,
  name: string,
  to: Pick<HandOver, 'name' | 'owner' | 'grants' | 'isPart' | 'definition'>,
): Promise<Given> {
  const { grants, isPart, definition } = to;
  const report = newApplying();
  // Grants come before the new name, and settings with it.
  const entries = definition && readArchive(definition).entries;
  const rightsOf = entries && ((database: string) => sourceRights(entries, database));
  const rights = rightsOf?.(pg.escapeIdentifier(name)) ?? null;
  return await withConnection({ ...server, dbname: name }, 'hand over', async (client) => {
    const perform = performing(client);
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = '60s'; SET LOCAL search_path = "$user", public`);
    const owner = to.owner ?? (rights && (await ownerOfSource(client, name, rights, report)));
    if (to.owner !== null) await reassign(client, name, to.owner);
    await perform('the owner cannot act', `SET LOCAL ROLE ${pg.escapeIdentifier(owner ?? name)}`);
    if (rights)
      await applyGrants(
        client,
        rights,
        { database: pg.escapeIdentifier(name), owner: owner ?? name, isPart },
        report,
      );
    const leftOut: string[] = [];
    for (const [index, sql] of grants.entries()) {
      await client.query('SAVEPOINT before');
      try {
        await perform(
          `grants[${index}] of the plan was refused`,
          sql.replaceAll('{database}', () => pg.escapeIdentifier(name)),
        );
      } catch (refusal) {
        if (!isPart || !(refusal instanceof HandOverRefused) || !isAbsent(refusal.cause)) throw refusal;
        await client.query('ROLLBACK TO SAVEPOINT before');
        leftOut.push(sql);
      }
    }
    await client.query('COMMIT');
    return { owner: owner ?? to.name, grantsLeftOut: leftOut, rights: rightsOf, report };
  });
}

/** Gives everything to the owner that the source had. Null, and named, where that cannot be. */
async function ownerOfSource(
  client: pg.Client,
  name: string,
  rights: SourceRights,
  report: Applying,
): Promise<string | null> {
  const owner = await ownerThere(client, rights, report);
  for (const other of rights.otherOwners)
    report.leftOut.push(`owner ${other}: all belongs to ${owner ?? 'the login'}`);
  if (owner === null) return null;
  await client.query('SAVEPOINT owner_of_source');
  try {
    await reassign(client, name, owner);
    return owner;
  } catch (refusal) {
    if (!(refusal instanceof HandOverRefused)) throw refusal;
    await client.query('ROLLBACK TO SAVEPOINT owner_of_source');
    report.leftOut.push(`owner ${owner}: ${refusal.message}`);
    return null;
  }
}

async function reassign(client: pg.Client, name: string, owner: string): Promise<void> {
  const perform = performing(client);
  const [login, role] = [pg.escapeIdentifier(name), pg.escapeIdentifier(owner)];
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_authid') AS comment FROM pg_catalog.pg_roles WHERE rolname = $1`,
    [owner],
  );
  if (rows.length === 0)
    await perform(`the owner "${owner}" is missing and cannot be made`, `CREATE ROLE ${role} NOLOGIN`);
  // A load made it, so that the schema could name it. From now on it is used, and is no longer swept.
  else if (rows[0]?.comment === PLACEHOLDER)
    await perform(`the owner "${owner}" cannot be taken over`, `COMMENT ON ROLE ${role} IS NULL`);
  const options =
    majorVersion(await serverVersionOf(client)) >= MEMBERSHIP_OPTIONS_SINCE
      ? ' WITH INHERIT TRUE, SET TRUE'
      : '';
  const hint = `As an administrator of the server: GRANT ${role} TO the login of the plan WITH ADMIN OPTION`;
  await perform(
    `the login of the server may not act for the owner "${owner}"`,
    `GRANT ${role} TO CURRENT_USER${options}`,
    hint,
  );
  await perform(`the new login may not act for the owner "${owner}"`, `GRANT ${role} TO ${login}`, hint);
  // First: the owner of a database may create in its schema public, which giving away the objects there needs.
  await perform(`the database cannot belong to "${owner}"`, `ALTER DATABASE ${login} OWNER TO ${role}`);
  for (const schema of await schemasOf(client, name))
    await perform(
      `schema "${schema}" cannot belong to "${owner}"`,
      `ALTER SCHEMA ${pg.escapeIdentifier(schema)} OWNER TO ${role}`,
    );
  await perform(`not everything can belong to "${owner}"`, `REASSIGN OWNED BY ${login} TO ${role}`);
}

async function schemasOf(client: pg.Client, login: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_catalog.pg_namespace
     WHERE nspowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1) ORDER BY 1`,
    [login],
  );
  return rows.map((row) => row.name);
}

function performing(client: pg.Client) {
  return async (failure: string, sql: string, hint?: string): Promise<void> => {
    try {
      await client.query(sql);
    } catch (cause) {
      if (!(cause instanceof pg.DatabaseError)) throw cause;
      throw new HandOverRefused(`${failure}: ${cause.message}`, {
        cause,
        ...(hint !== undefined && { hint }),
      });
    }
  };
}

/**
 * Gives a database and its login their final name, with a new password, settings and a comment: all at once or nothing.
 *
 * @returns the new password
 * @throws NameTaken, HandOverRefused
 */
export async function giveName(
  client: pg.Client,
  from: string,
  to: Pick<HandOver, 'name' | 'settings' | 'comment'>,
  given: Given,
): Promise<string> {
  const { name } = to;
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(
        `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
         WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()`,
        [from],
      );
      return await renamed(client, from, to, given);
    } catch (cause) {
      await client.query('ROLLBACK').catch(() => {});
      if (!(cause instanceof pg.DatabaseError)) throw cause;
      if (cause.code === IN_USE && tries < TRIES) continue;
      if (TAKEN.has(cause.code ?? ''))
        throw new NameTaken(`the name "${name}" is taken on this server: ${cause.message}`, { cause });
      throw new HandOverRefused(`the copy "${from}" cannot become "${name}": ${cause.message}`, { cause });
    }
  }
}

async function renamed(
  client: pg.Client,
  from: string,
  { name, settings, comment }: Pick<HandOver, 'name' | 'settings' | 'comment'>,
  { rights, report: soFar, ...given }: Given,
): Promise<string> {
  const [before, after] = [pg.escapeIdentifier(from), pg.escapeIdentifier(name)];
  await client.query('BEGIN');
  await client.query(`ALTER ROLE ${before} RENAME TO ${after}`);
  await client.query(`ALTER DATABASE ${before} RENAME TO ${after}`);
  const password = await renewLogin(client, name);
  // Tried again after a rollback, it begins with what the grants had come to.
  const report = {
    ...soFar,
    settings: [],
    missingRoles: new Set(soFar.missingRoles),
    leftOut: [...soFar.leftOut],
  };
  if (rights) {
    const planned = new Set(Object.keys(settings).map((each) => each.toLowerCase()));
    await applySourceSettings(client, after, rights(after), planned, report);
  }
  const text = comment({ ...given, fromSource: rights && applied(report) });
  for (const [setting, value] of Object.entries(settings))
    await client.query(
      `ALTER DATABASE ${after} SET ${quotedSetting(setting)} TO ${literals(setting, value)}`,
    );
  await client.query(`COMMENT ON DATABASE ${after} IS ${pg.escapeLiteral(text)}`);
  await client.query(`COMMENT ON ROLE ${after} IS ${pg.escapeLiteral(text)}`);
  await client.query('COMMIT');
  return password;
}

/** `app.tenant` is two names. */
function quotedSetting(name: string): string {
  return name.split('.').map(pg.escapeIdentifier).join('.');
}

function literals(setting: string, value: string | number | boolean): string {
  const values = LISTS.has(setting.toLowerCase()) ? String(value).split(',') : [String(value)];
  return values.map((each) => pg.escapeLiteral(each.trim().replace(/^"(.*)"$/, '$1'))).join(', ');
}
