import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** How to connect, as data: what `pg.Client` takes and what goes into a secret. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: { readonly ca: string; readonly rejectUnauthorized: true };
}

/** What a superuser can make on a server that runs, from any process. */
export interface PostgresAccess {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** As the superuser. For setting up and looking into, never for what is under test. */
  superuser(database?: string): Connection;
  /** A login role, not a superuser, that owns a new database. Names are quoted, so any will do. */
  createDatabase(wanted: { name: string; owner: string; password?: string }): Promise<Connection>;
  /** A login role, not a superuser, that may create databases and owns none yet. */
  createRole(wanted: {
    name: string;
    password?: string;
    createDatabases: boolean;
    createRoles?: boolean;
  }): Promise<Connection>;
}

/** Opens the access that a superuser's connection gives. */
export function accessAs(superuser: Connection): PostgresAccess {
  const { host, port, ssl } = superuser;
  const self: PostgresAccess = {
    host,
    port,
    ca: ssl.ca,
    superuser: (database = 'postgres') => ({ ...superuser, database }),
    async createRole({ name: user, password = newPassword(), createDatabases, createRoles = false }) {
      const may = `${createDatabases ? 'CREATEDB' : 'NOCREATEDB'} ${createRoles ? 'CREATEROLE' : 'NOCREATEROLE'}`;
      await query(
        self.superuser(),
        `CREATE ROLE ${quote(user)} LOGIN NOSUPERUSER ${may} PASSWORD ${literal(password)}`,
      );
      return { ...superuser, user, password, database: 'postgres' };
    },
    async createDatabase({ name: database, owner, ...rest }) {
      const role = await self.createRole({ ...rest, name: owner, createDatabases: false });
      await query(self.superuser(), `CREATE DATABASE ${quote(database)} OWNER ${quote(owner)}`);
      return { ...role, database };
    },
  };
  return self;
}

/** Runs one statement on a connection of its own. */
export async function query(connection: Connection, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // a server that goes away is noticed by the query's own rejection
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export const newPassword = () => randomBytes(24).toString('base64url');
const quote = pg.escapeIdentifier;
const literal = pg.escapeLiteral;
