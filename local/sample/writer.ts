import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';

/** A writer's results: only writes that the database acknowledged count. */
export interface Written {
  readonly writes: number;
  /** Failed transactions, as happen while the server is down. */
  readonly failures: number;
  readonly lastWriteAt: Date | undefined;
  readonly lastHeartbeatAt: Date | undefined;
}

/** A running writer. */
export interface Writer {
  /** Resolves after the next acknowledged write. */
  nextWrite(): Promise<void>;
  stop(): Promise<Written>;
}

/**
 * Writes to MailBlast as the application does, until stopped: an event, its campaign's counter and the heartbeat in one
 * transaction. When the server disconnects, it reconnects as an application would.
 */
export async function startWriter(
  connect: () => Promise<pg.Client>,
  {
    everyMs,
    now = () => new Date(),
    workload = 'mailblast',
  }: { everyMs: number; now?: () => Date; workload?: string },
): Promise<Writer> {
  const stopping = new AbortController();
  let written: Written = { writes: 0, failures: 0, lastWriteAt: undefined, lastHeartbeatAt: undefined };
  let waiting: (() => void)[] = [];
  let client: pg.Client | undefined = await connected(connect);
  await prepareHeartbeat(client); // before the loop: a role without the privilege should fail at the start

  async function writeOnce(): Promise<void> {
    const at = now();
    try {
      client ??= await connected(connect);
      await writeTransaction(client, workload, at);
    } catch {
      written = { ...written, failures: written.failures + 1 };
      await client?.end().catch(() => {});
      client = undefined;
      return;
    }
    written = { ...written, writes: written.writes + 1, lastWriteAt: at, lastHeartbeatAt: at };
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  async function writeUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await writeOnce();
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    await client?.end();
  }

  const loop = writeUntilStopped();
  return {
    nextWrite: () => new Promise((resolve) => void waiting.push(resolve)),
    async stop() {
      stopping.abort();
      await loop;
      return written;
    },
  };
}

async function writeTransaction(client: pg.Client, workload: string, at: Date): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO email_events (campaign_id, contact_id, type, occurred_at, message_id, meta)
     SELECT (SELECT min(id) FROM campaigns), (SELECT min(id) FROM contacts), 'delivered', $1, $2,
       jsonb_build_object('sns_message_id', $3::text)`,
    [at, randomUUID(), randomUUID()],
  );
  await client.query(
    'UPDATE campaigns SET recipients = recipients + 1, sent_count = sent_count + 1 WHERE id = (SELECT min(id) FROM campaigns)',
  );
  await beat(client, workload, at);
  await client.query('COMMIT');
}

async function connected(connect: () => Promise<pg.Client>): Promise<pg.Client> {
  const client = await connect();
  client.on('error', () => {}); // a server that disconnects makes the next query fail
  return client;
}
