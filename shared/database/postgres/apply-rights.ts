import pg from 'pg';
import type { FromSource } from '../engine.ts';
import { isAbsent } from './absent.ts';
import { PLACEHOLDER } from './schema/placeholder-roles.ts';
import type { SourceGrant, SourceRights, SourceSetting } from './schema/source-rights.ts';

/** privilege_not_granted and privilege_not_revoked: the server answers with a warning alone. */
const NOT_GRANTED = new Set(['01007', '01006']);

/** Settings that would keep people from using the restored database: a source that is fenced has the first one. */
const NOT_TAKEN_OVER = new Set(['default_transaction_read_only', 'role', 'session_authorization']);

/** What was applied so far. It grows, and holds no value of a setting. */
export interface Applying {
  grants: number;
  readonly settings: string[];
  readonly missingRoles: Set<string>;
  readonly leftOut: string[];
}

export function newApplying(): Applying {
  return { grants: 0, settings: [], missingRoles: new Set(), leftOut: [] };
}

export function applied(from: Applying): FromSource {
  return { ...from, missingRoles: [...from.missingRoles].sort() };
}

/** The roles among these that the server has. What a load made as a placeholder does not count: nobody made it for its rights. */
export async function rolesThere(client: pg.Client, names: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)
       AND pg_catalog.shobj_description(oid, 'pg_authid') IS DISTINCT FROM $2`,
    [names, PLACEHOLDER],
  );
  return new Set(rows.map(({ name }) => name));
}

/**
 * The recorded owner, if the server has that role and it is harmless to give it everything; else null. The restored login may act
 * as its owner, so a superuser is refused.
 */
export async function ownerThere(
  client: pg.Client,
  { owner }: Pick<SourceRights, 'owner'>,
  report: Applying,
): Promise<string | null> {
  if (owner === null) return null;
  if (!(await rolesThere(client, [owner])).has(owner)) {
    report.missingRoles.add(owner);
    return null;
  }
  const { rows } = await client.query<{ privileged: boolean }>(
    'SELECT rolsuper OR rolreplication OR rolcreaterole AS privileged FROM pg_catalog.pg_roles WHERE rolname = $1',
    [owner],
  );
  if (!rows[0]?.privileged) return owner;
  report.leftOut.push(`owner ${owner}: a privileged role owns no restored database`);
  return null;
}

/** Runs the grants of the source in the present transaction, as the present role. One that is refused is named and left out. */
export async function applyGrants(
  client: pg.Client,
  { grants, owner: before, anyoneConnects }: Pick<SourceRights, 'grants' | 'owner' | 'anyoneConnects'>,
  {
    database,
    owner,
    isPart,
  }: { readonly database: string; readonly owner: string; readonly isPart: boolean },
  report: Applying,
): Promise<void> {
  const names = grants.flatMap(({ role, makers }) => [role, makers]).filter((name) => name !== null);
  const there = await rolesThere(client, [...new Set(names)]);
  const granted = new Set<string>();
  const warned: pg.DatabaseError['code'][] = [];
  const onNotice = ({ code }: { code?: string | undefined }) => void warned.push(code);
  client.on('notice', onNotice);
  try {
    for (const grant of grants) {
      // An owner has every right by itself.
      if (grant.role !== null && grant.role === before && grant.makers === null) continue;
      const makers = grant.makers === before ? owner : grant.makers;
      const missing = [grant.role, makers === owner ? null : makers].filter(
        (name): name is string => name !== null && !there.has(name),
      );
      if (missing.length > 0) {
        if (!grant.revokes) for (const name of missing) report.missingRoles.add(name);
        continue;
      }
      warned.length = 0;
      const refused = await refusalOf(client, statementOf(grant, makers));
      if (refused === null && !warned.some((code) => NOT_GRANTED.has(code ?? ''))) {
        report.grants += 1;
        if (grant.role !== null && !grant.revokes) granted.add(grant.role);
      } else if (!(isPart && isAbsent(refused)) && !isOfEveryDatabase(grant))
        report.leftOut.push(`${statementOf(grant, makers)}: ${refused?.message ?? 'no right to grant it'}`);
    }
    // To the source everyone may connect. Of the copy nobody may but those who had a right in it.
    if (anyoneConnects)
      for (const role of granted)
        await refusalOf(client, `GRANT CONNECT ON DATABASE ${database} TO ${pg.escapeIdentifier(role)}`);
  } finally {
    client.off('notice', onNotice);
  }
}

/** Before PostgreSQL 15 schema public belongs to the server, and PUBLIC has the same rights in it in every new database. */
function isOfEveryDatabase({ sql, role }: SourceGrant): boolean {
  return role === null && sql.includes(' ON SCHEMA public ');
}

function statementOf({ sql }: SourceGrant, makers: string | null): string {
  return makers === null ? sql : `ALTER DEFAULT PRIVILEGES FOR ROLE ${pg.escapeIdentifier(makers)} ${sql}`;
}

/**
 * Gives a database the settings of the source that the plan does not give it, and its connection limit, in the present
 * transaction. Names alone are reported: a value can be a secret, and so can what the server says of it.
 */
export async function applySourceSettings(
  client: pg.Client,
  database: string,
  { settings, connectionLimit }: Pick<SourceRights, 'settings' | 'connectionLimit'>,
  planned: ReadonlySet<string>,
  report: Applying,
): Promise<void> {
  const roles = settings.flatMap(({ role }) => role ?? []);
  const there = await rolesThere(client, [...new Set(roles)]);
  for (const setting of settings) {
    if (setting.role === null && planned.has(setting.name.toLowerCase())) continue;
    if (setting.role !== null && !there.has(setting.role)) {
      report.missingRoles.add(setting.role);
      continue;
    }
    if (NOT_TAKEN_OVER.has(setting.name.toLowerCase()))
      report.leftOut.push(
        `setting ${titleOf(setting)}: it would keep people from using the restored database`,
      );
    else {
      const refused = await refusalOf(client, setting.sql);
      if (refused === null) report.settings.push(titleOf(setting));
      else report.leftOut.push(`setting ${titleOf(setting)}: the server refused it (${refused.code})`);
    }
  }
  if (connectionLimit === null) return;
  const sql = `ALTER DATABASE ${database} CONNECTION LIMIT ${connectionLimit}`;
  const refused = await refusalOf(client, sql);
  if (refused === null) report.settings.push(`connection limit ${connectionLimit}`);
  else report.leftOut.push(`connection limit ${connectionLimit}: ${refused.message}`);
}

function titleOf({ name, role }: SourceSetting): string {
  return role === null ? name : `${name} of role ${role}`;
}

/** Runs a statement, and undoes it alone if the server refuses it. */
async function refusalOf(client: pg.Client, sql: string): Promise<pg.DatabaseError | null> {
  await client.query('SAVEPOINT source_right');
  try {
    await client.query(sql);
    return null;
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError)) throw cause;
    await client.query('ROLLBACK TO SAVEPOINT source_right');
    return cause;
  } finally {
    await client.query('RELEASE SAVEPOINT source_right').catch(() => {});
  }
}
