import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withClient } from './admin.ts';
import type { Replica } from './engine.ts';
import type { ReplicaRecord } from './record.ts';
import { REPLICATOR } from './roles.ts';

/** What a replica is asked, and what its deletion needs besides. */
export interface OwnReplica extends Replica {
  /** Lets the source throw away the WAL that it kept; nothing when the source cannot be reached. */
  forget(): Promise<void>;
}

/** PostgreSQL did not end the recovery of a standby. */
export class NotPromoted extends Error {
  override readonly name = 'NotPromoted';

  constructor(id: string) {
    super(
      `Replica "${id}" was asked to promote itself and had not done so after ${PATIENCE} s. Look into its log.`,
    );
  }
}

/** Seconds; a promotion replays what was received and not replayed, then it is a matter of milliseconds. */
const PATIENCE = 300;

export function clusterReplica(o: {
  id: string;
  /** Folder with the certificates that the standby shows to its source. */
  login: string;
  source: () => ReplicaRecord;
  asAdmin: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  running: () => boolean;
  setStreaming: (streaming: boolean) => Promise<void>;
  promoted: () => Promise<void>;
}): OwnReplica {
  const one = (sql: string) => o.asAdmin(async (client) => (await client.query(sql)).rows[0]);

  async function forget(): Promise<void> {
    const { sourcePort, slot } = o.source();
    const read = (name: string) => readFile(path.join(o.login, name), 'utf8');
    try {
      const [ca, certificate, key] = await Promise.all(
        ['source-ca.crt', 'source-client.crt', 'source-client.key'].map(read),
      );
      if (!ca || !certificate || !key) return;
      const login = { user: REPLICATOR, ca, certificate, key };
      await withClient({ login, port: sourcePort, database: 'postgres' }, async (client) => {
        const ours = 'FROM pg_replication_slots WHERE slot_name = $1';
        // Its connection ends a moment after the standby did.
        const active = async () =>
          (await client.query(`SELECT 1 ${ours} AND active`, [slot])).rows.length > 0;
        for (let tries = 250; tries > 0 && (await active()); tries -= 1) await sleep(20);
        await client.query(`SELECT pg_drop_replication_slot(slot_name) ${ours}`, [slot]);
      });
    } catch {
      // Promotion and deletion are for when the source is lost: it may be gone, or be another cluster by now.
    }
  }

  return {
    forget,
    async lagSeconds() {
      // What the source had written when it last spoke; a connection that is silent is closed by its own timeouts.
      const { lag } = await one(
        `SELECT CASE WHEN pg_last_wal_replay_lsn() >= (SELECT latest_end_lsn FROM pg_stat_wal_receiver WHERE status = 'streaming') THEN 0
                     ELSE greatest(0, extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))) END::float8 AS lag`,
      );
      return lag;
    },
    async streaming() {
      const { streaming } = await one(
        "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') AS streaming",
      );
      return streaming;
    },
    stopStreaming: async () => {
      await o.setStreaming(false);
      // The receiver ends when it next looks up.
      while (o.running() && (await one('SELECT EXISTS (SELECT FROM pg_stat_wal_receiver) AS there')).there)
        await sleep(10);
    },
    resumeStreaming: () => o.setStreaming(true),
    async promote() {
      const { promoted } = await one(`SELECT pg_promote(true, ${PATIENCE}) AS promoted`);
      if (!promoted) throw new NotPromoted(o.id);
      await forget();
      await o.promoted();
    },
  };
}
