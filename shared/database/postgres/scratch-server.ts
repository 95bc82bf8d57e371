import pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import {
  type DatabaseTraits,
  type ScratchServer,
  type ScratchServers,
  ScratchUnsuitable,
} from '../engine.ts';
import { serverVersionOf } from './catalog.ts';
import { withConnection } from './connect.ts';
import { createDatabaseStatement } from './create-database.ts';
import { type DropLimits, dropDatabase } from './drop-database.ts';
import { giveName, giveToOwner } from './hand-over.ts';
import { namingLostConnection } from './lost-connection.ts';
import { createLogin, dropLogin, hasLogin, renewLogin, whyNoLogin } from './scratch-login.ts';

/** Creates and drops databases of a PostgreSQL server, by a role that may create databases. */
export function scratchServersWithin(limits: DropLimits): ScratchServers {
  return {
    use: (server, purpose, work) =>
      withConnection(server, purpose, (client) => work(scratchServer(client, server, limits))),
  };
}

/** Together less than the time limit of the functions that drop (functions/restore/functions.yml). */
export const DROP_LIMITS: DropLimits = { statementMs: 300_000, inUseMs: 60_000 };

export const scratchServers = scratchServersWithin(DROP_LIMITS);

function scratchServer(client: pg.Client, server: DatabaseAccess, limits: DropLimits): ScratchServer {
  return {
    async lock(name) {
      await client.query('SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended($1, 0))', [name]);
    },
    async list(prefix) {
      const { rows } = await client.query<{ name: string; comment: string | null }>(
        // The comment of a login outweighs that of its database: restored code can change only the second one.
        `SELECT coalesce(d.datname, r.rolname)::text AS name, coalesce(
           CASE WHEN d.oid IS NULL OR d.datdba = r.oid THEN pg_catalog.shobj_description(r.oid, 'pg_authid') END,
           pg_catalog.shobj_description(d.oid, 'pg_database')) AS comment
         FROM (SELECT * FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1)) d
         FULL JOIN (SELECT * FROM pg_catalog.pg_roles WHERE pg_catalog.starts_with(rolname, $1)) r ON r.rolname = d.datname
         ORDER BY 1`,
        [prefix],
      );
      return rows;
    },
    async create(name, like, { stays } = { stays: false }) {
      const database = pg.escapeIdentifier(name);
      const ownLogin = (await whyNoLogin(client, like, { stays })) === null;
      try {
        if (ownLogin) await createLogin(client, name);
        const statement = createDatabaseStatement(name, like, await serverVersionOf(client));
        await client.query(ownLogin ? `${statement} OWNER ${database}` : statement);
      } catch (cause) {
        if (ownLogin) await dropLogin(client, name);
        throw describeRefusal(cause, like);
      }
      await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
    },
    whyNoLogin: (like, { stays } = { stays: false }) => whyNoLogin(client, like, { stays }),
    async login(name) {
      if (!(await hasLogin(client, name))) return null;
      return { username: name, password: await renewLogin(client, name) };
    },
    async comment(name, text) {
      const on = `${pg.escapeIdentifier(name)} IS ${pg.escapeLiteral(text)}`;
      await client.query(`COMMENT ON DATABASE ${on}`);
      if (await hasLogin(client, name)) await client.query(`COMMENT ON ROLE ${on}`);
    },
    async handOver(name, to) {
      const given = await giveToOwner(server, name, to);
      return { username: to.name, password: await giveName(client, name, to, given) };
    },
    async drop(name) {
      try {
        await dropDatabase(client, name, limits);
        if (await hasLogin(client, name)) await dropLogin(client, name);
      } catch (error) {
        throw namingLostConnection(error, server);
      }
    },
  };
}

/** invalid_parameter_value, wrong_object_type and undefined_object: the server has no such encoding or locale. */
const NO_SUCH_LOCALE = new Set(['22023', '42809', '42704']);

function describeRefusal(cause: unknown, like: DatabaseTraits): unknown {
  if (!(cause instanceof pg.DatabaseError)) return cause;
  if (cause.code === '42501')
    return new ScratchUnsuitable(
      `the scratch login may not create databases: ${cause.message}. Next: ALTER ROLE … CREATEDB`,
      { cause },
    );
  if (!NO_SUCH_LOCALE.has(cause.code ?? '')) return cause;
  return new ScratchUnsuitable(
    `the scratch server cannot create a database like the source (${like.encoding}, ${like.collate}): ${cause.message}`,
    { cause },
  );
}
