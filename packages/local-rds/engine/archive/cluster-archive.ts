import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { lastLines } from 'process-kit/spawn-logged';
import type { Archive } from '../engine.ts';
import { readQuiet, writeQuiet } from './quiet.ts';
import { lastEndInArchive, lastMomentBefore, type SegmentCache } from './reach.ts';

/** PostgreSQL cannot put a segment into the archive. */
export class ArchiveStuck extends Error {
  override readonly name = 'ArchiveStuck';

  constructor(id: string, folder: string, reason: string) {
    super(
      `Cluster "${id}" cannot write to its archive ${folder}: ${reason}. ` +
        'Expected: room on its disk and a folder that the server may write to. PostgreSQL keeps the segments and tries again by itself.',
    );
  }
}

/** The archive of one cluster: PostgreSQL fills it, and this looks. */
export function clusterArchive(o: {
  id: string;
  folder: string;
  logFile: string;
  segments: SegmentCache;
  asAdmin: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  running: () => boolean;
  fill: (full: boolean) => Promise<void>;
}): Archive {
  /** The transactions that the archive is known to hold; null while that is not known. */
  let archived: string | null = null;
  const self: Archive = {
    folder: o.folder,
    fill: o.fill,
    async latestRestorableTime() {
      const end = await lastEndInArchive(o.folder, o.segments);
      return end ? later(lastMomentBefore(end), await readQuiet(o.folder)) : null;
    },
    async keepUp() {
      const { horizon, at } = await o.asAdmin(readHorizon);
      // An idle cluster fills no segment. It is enough to know that nothing was written.
      if (archived !== null && horizon === archived) await writeQuiet(o.folder, at);
      else await self.advance();
    },
    advance: () =>
      o.asAdmin(async (client) => {
        archived = null;
        // A restore stops at the end of a transaction: without one after them, the last moments could not be asked for.
        await client.query('SELECT pg_current_xact_id()');
        // Read before the switch: all that has ended by then lies before it.
        const { horizon } = await readHorizon(client);
        const { rows } = await client.query(
          'SELECT pg_walfile_name(pg_switch_wal()) AS segment, clock_timestamp()::text AS since',
        );
        const { segment, since } = rows[0];
        while (!(await isThere(path.join(o.folder, segment)))) {
          const failure = await failureSince(client, since, o.logFile);
          if (failure !== null) throw new ArchiveStuck(o.id, o.folder, failure);
          await sleep(20);
        }
        archived = horizon;
      }),
    async failure() {
      return o.running() ? o.asAdmin((client) => failureSince(client, null, o.logFile)) : null;
    },
  };
  return self;
}

/**
 * Which transactions have ended: the next id, if none is under way; null otherwise. Whatever changes data takes an id first. The
 * moment is from before the snapshot, so that what ended until then is in it.
 */
async function readHorizon(client: pg.Client): Promise<{ horizon: string | null; at: Date }> {
  const { rows } = await client.query<{ horizon: string | null; at: Date }>(
    `SELECT CASE WHEN pg_snapshot_xmin(s) = pg_snapshot_xmax(s) THEN pg_snapshot_xmax(s)::text END AS horizon,
       statement_timestamp() AS at FROM pg_current_snapshot() s`,
  );
  return rows[0] ?? { horizon: null, at: new Date(0) };
}

const later = (one: Date, other: Date | null): Date => (other && other > one ? other : one);

/** Null while all is well, or better again than it was. */
async function failureSince(
  client: pg.Client,
  since: string | null,
  logFile: string,
): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT last_failed_wal AS segment FROM pg_stat_archiver
     WHERE last_failed_time > coalesce($1::timestamptz, '-infinity') AND last_failed_time > coalesce(last_archived_time, '-infinity')`,
    [since],
  );
  if (rows.length === 0) return null;
  const log = (await lastLines(logFile, 200)).split('\n');
  // The server's log is where PostgreSQL gives the reason; its statistics only count.
  const said = log.findLast((line) =>
    /(?:ERROR|FATAL):.*(?:archive|archtemp|copy file|write to file)/i.test(line),
  );
  return `segment ${rows[0].segment} failed${said ? `, "${said.replace(/^.*?(?:ERROR|FATAL):\s+/, '')}"` : ''}`;
}

const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
