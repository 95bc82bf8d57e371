import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { segmentsBetween } from '../archive/lsn.ts';
import { readControlFile } from '../control-file.ts';
import { cloneFile, give } from '../ownership.ts';
import { eachOf, makeFolders } from './copy-tree.ts';
import { CONTROL_FILE, listDataFiles } from './data-files.ts';

/** A copy of a running cluster's files, which recovery makes consistent. */
export interface OnlineCopy {
  /** The server's clock before the copy began. */
  readonly startedAt: Date;
  /** The server's clock when the copy was complete, rounded up: nothing in it committed later. */
  readonly completedAt: Date;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly timeline: number;
  readonly systemIdentifier: string;
  /** Of the segments that recovery of the copy needs, in order; they lie in the source's pg_wal until `client` ends. */
  readonly segments: readonly string[];
  /** Relative to the target, the WAL not counted. */
  readonly files: readonly string[];
}

/** A cluster with tablespaces: their files lie elsewhere, and a copy would share them. */
export class TablespacesNotSupported extends Error {
  override readonly name = 'TablespacesNotSupported';

  constructor(names: string) {
    super(
      `The cluster has the tablespaces ${names}. Expected: none, because copies of them would share their files. Move what is in them and drop them.`,
    );
  }
}

/**
 * Copies a running cluster between pg_backup_start and pg_backup_stop (PostgreSQL's "low level API"), which is faster here
 * than its replication protocol, because no byte goes through a connection. Writers are not held up. All WAL that the copy
 * needs is kept for it by a temporary slot, whether or not the archive is able to take any.
 */
export async function copyOnline(o: {
  client: pg.Client;
  from: string;
  to: string;
  forServer: boolean;
  signal?: AbortSignal | undefined;
}): Promise<OnlineCopy> {
  const { client, signal } = o;
  const one = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows[0];
  const { names } = await one(
    "SELECT string_agg(spcname, ', ') AS names FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')",
  );
  if (names !== null) throw new TablespacesNotSupported(names);
  const slot = `backup_${randomBytes(6).toString('hex')}`;
  await one('SELECT pg_create_physical_replication_slot($1, true, true)', [slot]);
  const before = await one(`SELECT ${clock} AS ms, system_identifier::text AS id FROM pg_control_system()`);
  const { start } = await one('SELECT pg_backup_start($1, true) AS start', ['base backup']);

  const { folders, files } = await listDataFiles(o.from);
  await makeFolders(o.to, folders, o.forServer);
  const copied: string[] = [];
  await eachOf(
    files,
    async (file) => {
      const target = path.join(o.to, file);
      if (!(await cloneIfThere(path.join(o.from, file), target))) return;
      if (o.forServer) await give(target);
      copied.push(file);
    },
    signal,
  );
  const write = async (file: string, content: string | Buffer) => {
    const target = path.join(o.to, file);
    await writeFile(target, content, { mode: 0o600 });
    if (o.forServer) await give(target);
    copied.push(file);
  };
  await write(CONTROL_FILE, await readControlFile(o.from));
  signal?.throwIfAborted();
  const { lsn, labelfile } = await one('SELECT lsn, labelfile FROM pg_backup_stop(false)');
  await write('backup_label', labelfile);

  const after = await one(
    `SELECT ${clock} AS ms, pg_size_bytes(current_setting('wal_segment_size'))::int AS bytes`,
  );
  const timeline = Number(/START TIMELINE: (\d+)/.exec(labelfile)?.[1]);
  return {
    startedAt: new Date(Math.floor(before.ms)),
    completedAt: new Date(Math.ceil(after.ms)),
    startLsn: start,
    stopLsn: lsn,
    timeline,
    systemIdentifier: before.id,
    segments: segmentsBetween(start, lsn, timeline, after.bytes),
    files: copied.sort(),
  };
}

const clock = 'extract(epoch FROM clock_timestamp())::float8 * 1000';

/** False when the file is gone: the table was dropped meanwhile, and the WAL says so too. */
async function cloneIfThere(from: string, to: string): Promise<boolean> {
  try {
    await cloneFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (await stat(from).catch(() => undefined)) throw error; // it is the target's folder that is missing
    await rm(to, { force: true });
    return false;
  }
}
