import pg from 'pg';
import { type DatabaseLook, HeartbeatRefused, type Heartbeats } from '../engine.ts';
import { connect, withConnection } from './connect.ts';

/**
 * One row per workload with the time of its last write. The newest one in a restored copy shows how far the
 * copy reaches. It is part of the source's own history, not a file name.
 */
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS lifeboat.heartbeat (
    workload text PRIMARY KEY,
    beat_at timestamptz NOT NULL)`;

const insufficientPrivilege = '42501';

interface Standing {
  /** The server is a standby: it replays what its primary writes, and only reads. */
  readonly standby: boolean;
  readonly user: string;
  readonly database: string;
  readonly schemaOwner: string | null;
  /** Null if there is no table yet. */
  readonly owner: string | null;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** This role has the rights of the owner. */
  readonly isOwner: boolean;
  /** This role may become the owner by SET ROLE: a member that does not inherit. */
  readonly mayBecomeOwner: boolean;
}

/** Creates the heartbeat's table if it is missing, and lets those write it who take turns with this role. @throws HeartbeatRefused */
export async function prepareHeartbeat(client: pg.Client): Promise<void> {
  const before = await readStanding(client);
  if (before.standby) throw onlyReads(before);
  try {
    // Even IF NOT EXISTS asks for the right to create a schema.
    if (before.schemaOwner === null) await client.query('CREATE SCHEMA IF NOT EXISTS lifeboat');
    if (before.owner === null) await client.query(CREATE_TABLE);
    if (before.owner === null || before.isOwner) await shareWithColleagues(client);
    else if (!before.mayWrite && before.mayBecomeOwner)
      await takeFromOwner(client, before.owner, before.user);
    else if (!before.mayWrite) throw refused(before);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === insufficientPrivilege)
      throw refused(before, error);
    throw error;
  }
}

/** Writes the heartbeat. A late writer never moves it backwards. */
export async function beat(client: pg.Client, workload: string, now: Date): Promise<void> {
  await client.query(
    `INSERT INTO lifeboat.heartbeat AS stored (workload, beat_at) VALUES ($1, $2)
     ON CONFLICT (workload) DO UPDATE SET beat_at = greatest(stored.beat_at, excluded.beat_at)`,
    [workload, now],
  );
}

/** The newest heartbeat that the connection sees; null if there is no table or no row. @throws HeartbeatRefused */
export async function newestHeartbeat(client: pg.Client, workload: string): Promise<Date | null> {
  const standing = await readStanding(client);
  if (standing.owner === null) return null;
  if (!standing.mayRead) throw refused(standing);
  const { rows } = await client.query<{ beat_at: Date }>(
    'SELECT beat_at FROM lifeboat.heartbeat WHERE workload = $1',
    [workload],
  );
  return rows[0]?.beat_at ?? null;
}

export const heartbeats: Heartbeats = {
  beat: (access, workload, at) =>
    withConnection(access, 'heartbeat', async (client) => {
      await prepareHeartbeat(client);
      await beat(client, workload, at);
    }),
  look,
};

async function look(access: Parameters<Heartbeats['look']>[0], workload: string, signal: AbortSignal) {
  const looking = lookThrough(access, workload, signal);
  looking.catch(() => {}); // once the signal has fired, its outcome is of no interest
  const ended = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {});
  return Promise.race([looking, ended]);
}

async function lookThrough(
  access: Parameters<Heartbeats['look']>[0],
  workload: string,
  signal: AbortSignal,
): Promise<DatabaseLook> {
  const client = await connect(access, 'watch');
  // A server that hangs answers no query, and no end of the connection either.
  const cut = () => client.connection.stream.destroy();
  signal.addEventListener('abort', cut, { once: true });
  if (signal.aborted) cut();
  try {
    const { standby: readsOnly } = await readStanding(client);
    try {
      return { readsOnly, beatAt: await newestHeartbeat(client, workload), refused: null };
    } catch (error) {
      if (error instanceof HeartbeatRefused) return { readsOnly, beatAt: null, refused: error };
      throw error;
    }
  } finally {
    signal.removeEventListener('abort', cut);
    await client.end().catch(() => {});
  }
}

/** Reads the catalogue, because even to_regclass raises an error without the right to use the schema. */
async function readStanding(client: pg.Client): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `SELECT pg_catalog.pg_is_in_recovery() AS standby, current_user::text AS user, current_database()::text AS database,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS "schemaOwner",
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), false) AS "mayRead",
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
         AND pg_catalog.has_table_privilege(c.oid, 'INSERT') AND pg_catalog.has_table_privilege(c.oid, 'UPDATE'), false) AS "mayWrite",
       coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), false) AS "isOwner",
       coalesce(pg_catalog.pg_has_role(c.relowner, 'MEMBER'), false) AS "mayBecomeOwner"
     FROM (SELECT) one
     LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'lifeboat'
     LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'heartbeat'`,
  );
  const [standing] = rows;
  if (!standing) throw new Error('the catalogue was not read');
  return standing;
}

/**
 * Secrets Manager lets two users take turns, and makes the second one a member of the first. What the second one created
 * would be closed to the first. So the owner lets in the roles that it is a member of, and the owner of the database.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
async function shareWithColleagues(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; ofSchema: boolean }>(
    `SELECT r.rolname AS name, pg_catalog.pg_has_role((SELECT nspowner FROM pg_catalog.pg_namespace
         WHERE nspname = 'lifeboat'), 'USAGE') AS "ofSchema"
     FROM pg_catalog.pg_roles r
     WHERE NOT r.rolsuper AND r.rolname !~ '^(pg|rds)_' AND r.rolname <> current_user
       AND (r.oid IN (SELECT m.roleid FROM pg_catalog.pg_auth_members m
              JOIN pg_catalog.pg_roles u ON u.oid = m.member WHERE u.rolname = current_user)
         OR r.oid = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
       AND NOT (pg_catalog.has_schema_privilege(r.oid, 'lifeboat', 'USAGE')
         AND pg_catalog.has_table_privilege(r.oid, 'lifeboat.heartbeat', 'SELECT, INSERT, UPDATE'))`,
  );
  for (const { name, ofSchema } of rows) await client.query(grantTo(name, ofSchema));
}

async function takeFromOwner(client: pg.Client, owner: string, user: string): Promise<void> {
  await client.query(`SET ROLE ${pg.escapeIdentifier(owner)}`);
  try {
    await client.query(grantTo(user));
  } finally {
    await client.query('RESET ROLE');
  }
}

/** @param ofSchema false where the schema belongs to another role, which has to let them in itself */
function grantTo(role: string, ofSchema = true): string {
  const name = pg.escapeIdentifier(role);
  return `${ofSchema ? `GRANT USAGE ON SCHEMA lifeboat TO ${name}; ` : ''}GRANT SELECT, INSERT, UPDATE ON lifeboat.heartbeat TO ${name}`;
}

function onlyReads({ database }: Standing): HeartbeatRefused {
  return new HeartbeatRefused(
    `the server of database "${database}" is a standby, which only reads: the heartbeat cannot be written there`,
    {
      hint: "Write it on the primary: add the primary to the plan as a database of its own. Its heartbeat reaches the standby by replication, and the standby's backup finds it there.",
    },
  );
}

function refused({ user, database, schemaOwner, owner }: Standing, cause?: unknown): HeartbeatRefused {
  const role = pg.escapeIdentifier(user);
  const [whose, statement] =
    owner !== null
      ? [`lifeboat.heartbeat belongs to the role "${owner}"`, grantTo(user)]
      : schemaOwner !== null
        ? [
            `the schema lifeboat belongs to the role "${schemaOwner}"`,
            `GRANT USAGE, CREATE ON SCHEMA lifeboat TO ${role}`,
          ]
        : [
            'the schema lifeboat does not exist',
            `GRANT CREATE ON DATABASE ${pg.escapeIdentifier(database)} TO ${role}`,
          ];
  return new HeartbeatRefused(
    `the role "${user}" may not use the heartbeat: ${whose}. As the owner, run: ${statement}`,
    { cause },
  );
}
