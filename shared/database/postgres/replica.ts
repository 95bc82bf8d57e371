import type { ReplicaReads, ReplicaState } from '../engine.ts';
import { HeartbeatRefused } from '../engine.ts';
import { withConnection } from './connect.ts';
import { newestHeartbeat } from './heartbeat.ts';
import { namingStandbyConflict } from './standby-conflict.ts';

/**
 * What a standby knows of its way behind its primary. A role without pg_monitor sees that there is a receiver, and nothing of it. Where
 * the primary said how far its own log reaches and the receiver has flushed as much, nothing was missing at that time.
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-WAL-RECEIVER-VIEW
 */
const STATE = `
  SELECT in_recovery AS standby, clock_timestamp() AS now,
    pg_catalog.pg_last_xact_replay_timestamp() AS "appliedTo",
    EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) AS receiving,
    (SELECT status FROM pg_catalog.pg_stat_wal_receiver) AS status,
    (SELECT last_msg_send_time FROM pg_catalog.pg_stat_wal_receiver
      WHERE status = 'streaming' AND flushed_lsn >= latest_end_lsn) AS "receivedTo",
    CASE WHEN in_recovery THEN greatest(0, pg_catalog.pg_wal_lsn_diff(
      coalesce(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()),
      pg_catalog.pg_last_wal_replay_lsn()))::float8 ELSE 0 END AS "unappliedBytes"
  FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) one`;

interface Row extends Omit<ReplicaState, 'heartbeatAt' | 'streaming'> {
  readonly receiving: boolean;
  readonly status: string | null;
}

export const replicaReads: ReplicaReads = {
  async read(access, workload) {
    try {
      return await withConnection(access, 'replica', async (client) => {
        const heartbeatAt = await newestHeartbeat(client, workload).catch((error) => {
          if (error instanceof HeartbeatRefused) return null;
          throw error;
        });
        const { rows } = await client.query<Row>(STATE);
        const [row] = rows;
        if (!row) throw new Error('the replica did not answer');
        const { receiving, status, ...state } = row;
        return { ...state, heartbeatAt, streaming: receiving && (status === null || status === 'streaming') };
      });
    } catch (error) {
      throw namingStandbyConflict(error, access);
    }
  },
};
