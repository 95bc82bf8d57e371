import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { prepareHeartbeat } from '../shared/database/postgres/heartbeat.ts';

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

/** One write of an application, which also writes the heartbeat of that moment. */
export type Write = (client: pg.Client, at: Date) => Promise<void>;

/**
 * Writes as an application does, until stopped. When the server disconnects, it reconnects as an application would.
 *
 * @param write one transaction
 */
export async function startWriter(
  connect: () => Promise<pg.Client>,
  write: Write,
  { everyMs, now = () => new Date() }: { everyMs: number; now?: () => Date },
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
      await write(client, at);
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

async function connected(connect: () => Promise<pg.Client>): Promise<pg.Client> {
  const client = await connect();
  client.on('error', () => {}); // a server that disconnects makes the next query fail
  return client;
}
