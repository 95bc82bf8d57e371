import { createHash } from 'node:crypto';
import pg from 'pg';
import * as z from 'zod';
import type { DatabaseAccess } from '../database/access.ts';
import type { DatabaseTraits } from '../database/postgres/catalog.ts';
import { withConnection } from '../database/postgres/connect.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * Scratch databases are disposable and nothing else is. One is dropped only if its name has the prefix *and* its
 * comment holds the mark of the run that made it.
 */
const PREFIX = 'lifeboat_scratch_';

const Mark = z.object({
  lifeboat: z.literal('scratch'),
  runId: z.string(),
  workload: z.string(),
  expiresAt: z.iso.datetime(),
});
type Mark = z.infer<typeof Mark>;

/** The scratch server cannot hold a copy of this source: another version, encoding or locale. */
export class ScratchUnsuitable extends LifeboatError {
  override readonly name = 'ScratchUnsuitable';
  override readonly kind = 'unsupported';
}

/** A database has the name of this run's scratch database and is not marked as one: it is left alone. */
export class ScratchNotOurs extends LifeboatError {
  override readonly name = 'ScratchNotOurs';
  override readonly kind = 'conflict';
}

/** The scratch database's name: the same for every attempt of a run. */
export function scratchName(runId: string): string {
  return `${PREFIX}${createHash('sha256').update(runId).digest('hex').slice(0, 16)}`;
}

/**
 * Makes an empty scratch database with the encoding and locale of the source. What an earlier attempt of the same run
 * left behind is dropped first.
 *
 * @param server access to the scratch server's maintenance database, by a role that may create databases
 * @returns access to the scratch database
 * @throws ScratchNotOurs, ScratchUnsuitable, DatabaseUnreachable
 */
export async function createScratch(
  server: DatabaseAccess,
  run: { runId: string; workload: string; expiresAt: Date },
  like: DatabaseTraits,
): Promise<DatabaseAccess> {
  const name = scratchName(run.runId);
  const mark: Mark = {
    lifeboat: 'scratch',
    runId: run.runId,
    workload: run.workload,
    expiresAt: run.expiresAt.toISOString(),
  };
  await withConnection(server, 'scratch', async (client) => {
    await dropIfOurs(client, name, (found) => found.runId === run.runId);
    try {
      await client.query(createStatement(name, like));
    } catch (cause) {
      throw describeRefusal(cause, like);
    }
    // Marked at once: until then the database is empty, and nothing drops it.
    await client.query(
      `COMMENT ON DATABASE ${pg.escapeIdentifier(name)} IS ${pg.escapeLiteral(JSON.stringify(mark))}`,
    );
  });
  return { ...server, dbname: name };
}

/**
 * Drops the scratch database of a run, with whoever is connected to it. One that is gone already is success.
 *
 * @throws ScratchNotOurs where a database of that name does not carry the run's mark
 */
export async function dropScratch(server: DatabaseAccess, runId: string): Promise<{ dropped: boolean }> {
  return withConnection(server, 'teardown', async (client) => ({
    dropped: await dropIfOurs(client, scratchName(runId), (found) => found.runId === runId),
  }));
}

/** What a sweep found under the scratch prefix. */
export interface Sweep {
  readonly dropped: readonly string[];
  /** Still within their time, so probably in use. */
  readonly kept: readonly string[];
  /** Named like a scratch database, not marked as one: left alone, for a person to look at. */
  readonly unmarked: readonly string[];
}

/** Drops every marked scratch database of the workload that is past its expiry. */
export async function sweepScratch(server: DatabaseAccess, workload: string, now: Date): Promise<Sweep> {
  return withConnection(server, 'sweep', async (client) => {
    const { rows } = await client.query<{ name: string; comment: string | null }>(
      `SELECT datname AS name, pg_catalog.shobj_description(oid, 'pg_database') AS comment
       FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1) ORDER BY 1`,
      [PREFIX],
    );
    const sweep = { dropped: [] as string[], kept: [] as string[], unmarked: [] as string[] };
    for (const { name, comment } of rows) {
      const mark = readMark(comment);
      if (!mark) sweep.unmarked.push(name);
      else if (mark.workload !== workload || new Date(mark.expiresAt) > now) sweep.kept.push(name);
      else if (await dropIfOurs(client, name, (found) => found.runId === mark.runId))
        sweep.dropped.push(name);
    }
    return sweep;
  });
}

/** Drops the database if it exists and `ours` accepts its mark. */
async function dropIfOurs(client: pg.Client, name: string, ours: (mark: Mark) => boolean): Promise<boolean> {
  if (!name.startsWith(PREFIX)) throw new ScratchNotOurs(`"${name}" is not named like a scratch database`);
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
  if (!rows[0]) return false;
  const mark = readMark(rows[0].comment);
  if (!mark || !ours(mark))
    throw new ScratchNotOurs(
      `database "${name}" exists without the mark of this run in its comment: look at it, and drop it by hand if it is a leftover`,
    );
  await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  return true;
}

function readMark(comment: string | null): Mark | null {
  if (!comment) return null;
  try {
    return Mark.parse(JSON.parse(comment));
  } catch {
    return null;
  }
}

function createStatement(name: string, like: DatabaseTraits): string {
  const literal = pg.escapeLiteral;
  const locale =
    like.localeProvider === 'builtin' && like.locale
      ? ` BUILTIN_LOCALE ${literal(like.locale)}`
      : like.localeProvider === 'icu' && like.locale
        ? ` ICU_LOCALE ${literal(like.locale)}`
        : '';
  return `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING ${literal(like.encoding)}
    LOCALE_PROVIDER ${like.localeProvider} LC_COLLATE ${literal(like.collate)} LC_CTYPE ${literal(like.ctype)}${locale}`;
}

/** 22023 invalid_parameter_value and 42809 wrong_object_type: the server knows no such encoding or locale. */
function describeRefusal(cause: unknown, like: DatabaseTraits): unknown {
  if (
    cause instanceof pg.DatabaseError &&
    (cause.code === '22023' || cause.code === '42809' || cause.code === '42704')
  )
    return new ScratchUnsuitable(
      `the scratch server cannot make a database like the source (${like.encoding}, ${like.collate}): ${cause.message}`,
      { cause },
    );
  return cause;
}
