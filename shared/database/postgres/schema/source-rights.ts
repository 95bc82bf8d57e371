import type { Entry } from '../archive/entry.ts';
import { splitSql } from '../sql/split-sql.ts';

/** One statement by which pg_dump brings a right back. */
export interface SourceGrant {
  /** Without its role where it is a default privilege: `ALTER DEFAULT PRIVILEGES` is for the role that makes objects. */
  readonly sql: string;
  /** Who gets it or loses it; null for PUBLIC. */
  readonly role: string | null;
  /** True of a REVOKE. */
  readonly revokes: boolean;
  /** Whose future objects it is about; null where it is about an object. */
  readonly makers: string | null;
}

/** One `SET`. The value is as pg_dump wrote it, and may be a secret: it never leaves the server and the archive. */
export interface SourceSetting {
  readonly name: string;
  readonly sql: string;
  /** The role that has it in this database; null where it is the database's. */
  readonly role: string | null;
}

/** What the source had beside its content: owner, grants and settings, as the archive of its definition says. */
export interface SourceRights {
  /** The role that owned most objects, or the database where it had none. */
  readonly owner: string | null;
  readonly otherOwners: readonly string[];
  readonly grants: readonly SourceGrant[];
  readonly settings: readonly SourceSetting[];
  readonly connectionLimit: number | null;
  /** Whether every role may connect, as PostgreSQL has it where nobody changed it. */
  readonly anyoneConnects: boolean;
}

const NAME = String.raw`(?:"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const TO_ROLE = new RegExp(String.raw`\s(?:TO|FROM)\s+(?:GROUP\s+)?(${NAME})(?:\s+WITH GRANT OPTION)?$`, 's');
const DEFAULT_OF = new RegExp(`^ALTER DEFAULT PRIVILEGES FOR ROLE (${NAME}) (.*)$`, 's');
const IN_SCHEMA = `(?:IN SCHEMA ${NAME} )?`;
const ON_OBJECT = /^(?:GRANT|REVOKE)\s.*\sON\s/s;
const OF_FUTURE = new RegExp(`^${IN_SCHEMA}(?:GRANT|REVOKE) .* ON `, 's');
const REVOKES = new RegExp(`^${IN_SCHEMA}REVOKE `);
const DATABASE = new RegExp(String.raw`^(GRANT|REVOKE)(\s.*\sON DATABASE\s+)${NAME}(\s.*)$`, 's');
const OF_DATABASE = new RegExp(String.raw`^ALTER DATABASE ${NAME} SET (${NAME}(?:\.${NAME})*) (.*)$`, 's');
const OF_ROLE = new RegExp(
  String.raw`^ALTER ROLE (${NAME}) IN DATABASE ${NAME} SET (${NAME}(?:\.${NAME})*) (.*)$`,
  's',
);
const LIMIT = new RegExp(String.raw`^ALTER DATABASE ${NAME} CONNECTION LIMIT = (\d+)$`);

/** Reads the rights of the source. @param database the quoted name that the database gets */
export function sourceRights(entries: readonly Entry[], database: string): SourceRights {
  const properties = entries
    .filter(({ desc }) => desc === 'DATABASE PROPERTIES')
    .flatMap(({ definition }) => splitSql(definition, ';'));
  const limit = properties.map((sql) => LIMIT.exec(sql)?.[1]).find((found) => found !== undefined);
  const grants = entries
    .filter(({ desc }) => desc === 'ACL' || desc === 'DEFAULT ACL')
    .flatMap(({ definition }) => splitSql(definition, ';'))
    .flatMap((sql) => grantOf(sql, database) ?? []);
  return {
    ...ownersOf(entries),
    grants,
    anyoneConnects: !grants.some(
      ({ sql, role, revokes }) =>
        revokes &&
        role === null &&
        /\b(?:ALL|CONNECT)\b/.test(sql.split(' ON DATABASE ')[0] ?? '') &&
        sql.includes(' ON DATABASE '),
    ),
    settings: properties.flatMap((sql) => settingOf(sql, database) ?? []),
    connectionLimit: limit === undefined ? null : Number(limit),
  };
}

function ownersOf(entries: readonly Entry[]): Pick<SourceRights, 'owner' | 'otherOwners'> {
  const counts = new Map<string, number>();
  // The heartbeat is Lifeboat's own.
  for (const { desc, owner, namespace } of entries)
    if (
      owner !== null &&
      namespace !== 'lifeboat' &&
      (desc === 'TABLE' || desc === 'VIEW' || desc === 'FUNCTION')
    )
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const byCount = [...counts].sort(([one, some], [other, more]) => more - some || (one < other ? -1 : 1));
  const [owner = entries.find(({ desc }) => desc === 'DATABASE')?.owner ?? null, ...otherOwners] =
    byCount.map(([name]) => name);
  return { owner, otherOwners };
}

function grantOf(sql: string, database: string): SourceGrant | null {
  const [, makers, ofFuture] = DEFAULT_OF.exec(sql) ?? [];
  const named = ofFuture ?? sql;
  // pg_dump writes SET SESSION AUTHORIZATION around what another than the owner granted. Here the owner grants all of it.
  if (!(makers === undefined ? ON_OBJECT : OF_FUTURE).test(named)) return null;
  const [, role] = TO_ROLE.exec(named) ?? [];
  if (role === undefined) return null;
  return {
    sql: named.replace(
      DATABASE,
      (_, verb: string, on: string, rest: string) => `${verb}${on}${database}${rest}`,
    ),
    role: role === 'PUBLIC' ? null : plain(role),
    revokes: REVOKES.test(named),
    makers: makers === undefined ? null : plain(makers),
  };
}

function settingOf(sql: string, database: string): SourceSetting | null {
  const [, name, rest] = OF_DATABASE.exec(sql) ?? [];
  if (name !== undefined)
    return { name: plain(name), sql: `ALTER DATABASE ${database} SET ${name} ${rest}`, role: null };
  const [, role, its, value] = OF_ROLE.exec(sql) ?? [];
  if (role === undefined || its === undefined) return null;
  return {
    name: plain(its),
    sql: `ALTER ROLE ${role} IN DATABASE ${database} SET ${its} ${value}`,
    role: plain(role),
  };
}

/** A name without its quotes. */
function plain(name: string): string {
  return name.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'));
}
