import type { Connection } from 'local-postgres/access';
import { postgresBinaries } from 'local-postgres/binaries';
import type { PostgresServer } from 'local-postgres/start-postgres';
import { startStandby } from 'local-postgres/start-standby';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRun } from '../../../local/runs.ts';
import { heartbeats } from '../../../shared/database/postgres/heartbeat.ts';
import { replicaReads } from '../../../shared/database/postgres/replica.ts';
import { judgeReplica } from '../../../shared/replica/judge-replica.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';

/*
 * How far a streaming replica is, on real servers. Each test names the issue in which the value of another tool misled people.
 */

const servers = useServers();
let replica: PostgresServer;
let stop = async () => {};
let source: Connection;
/** The same database on the replica, by a login that may see the receiver, and by the application's. */
let asMonitor: Connection;
let asApplication: Connection;

beforeAll(async () => {
  source = await servers.newDatabase();
  await runEach(source, ['CREATE TABLE orders (id int)']);
  const run = await startRun();
  stop = () => run.stop();
  const binaries = await postgresBinaries(run.folder);
  replica = await startStandby(run, { name: 'replica', binaries, primary: servers.source });
  asMonitor = { ...servers.source.superuser(source.database), port: replica.port };
  asApplication = { ...source, port: replica.port };
}, 120_000);
afterAll(() => stop());

const beat = (at = new Date()) => heartbeats.beat(accessOf(source), 'field', at);
const read = (as = asMonitor) => replicaReads.read(accessOf(as), 'field');
const order = () => runEach(source, ['INSERT INTO orders VALUES (1)']);
const onReplica = <Row extends pg.QueryResultRow>(sql: string) => runEach<Row>(replica.superuser(), [sql]);
const soon = (see: () => Promise<void>) => vi.waitFor(see, { timeout: 30_000, interval: 50 });
const lossMs = async (as = asMonitor) => judgeReplica(await read(as)).lossMs ?? Number.NaN;

/** Waits until the replica shows what the source has committed by now. */
async function caughtUp(): Promise<void> {
  const [here] = await runEach<{ at: string }>(servers.source.superuser(), [
    'SELECT pg_current_wal_lsn() AS at',
  ]);
  await soon(async () => {
    const [there] = await onReplica<{ done: boolean }>(
      `SELECT pg_last_wal_replay_lsn() >= '${here?.at}' AS done`,
    );
    expect(there?.done).toBe(true);
  });
}

/** Cuts the replica off from its source, for as long as `work` takes. */
async function cutOff(work: () => Promise<void>): Promise<void> {
  const [before] = await onReplica<{ was: string }>("SELECT current_setting('primary_conninfo') AS was");
  const point = async (to: string) => {
    await onReplica(`ALTER SYSTEM SET primary_conninfo = ${pg.escapeLiteral(to)}`);
    await onReplica('SELECT pg_reload_conf()');
  };
  await point('host=127.0.0.1 port=1');
  await soon(async () => expect((await read()).streaming).toBe(false));
  try {
    await work();
  } finally {
    await point(before?.was ?? '');
    await soon(async () => expect((await read()).streaming).toBe(true));
  }
}

describe('a replica that follows', () => {
  test('has all of its source, by its heartbeat and by its receiver', async () => {
    const at = new Date();
    await beat(at);
    await caughtUp();
    const state = await read();
    expect(state).toMatchObject({ standby: true, streaming: true, heartbeatAt: at });
    expect(judgeReplica(state)).toMatchObject({ problem: null });
    expect(await lossMs()).toBeLessThan(5_000);
  });

  // github.com/bucardo/check_postgres/issues/121, prometheus-community/postgres_exporter#534: the lag of an idle source grew without end.
  test('is not behind an idle source: what the source said last is there', async () => {
    await beat(new Date(Date.now() - 3_600_000));
    await caughtUp();
    // A message comes at least with each request for a reply; here one is made by a switch of segments, which commits nothing.
    await runEach(servers.source.superuser(), ['SELECT pg_switch_wal()']);
    await soon(async () => expect((await read()).receivedTo).not.toBeNull());
    const { receivedTo, now } = await read();
    expect(now.getTime() - (receivedTo?.getTime() ?? 0)).toBeLessThan(10_000);
  });

  // prometheus-community/postgres_exporter#97, pgexporter/pgexporter#408: without pg_monitor every column but one is null.
  test('is measured by the login of the application too, which sees no receiver, by the newest commit', async () => {
    await beat();
    await caughtUp();
    const state = await read(asApplication);
    expect(state).toMatchObject({ receivedTo: null, streaming: true });
    expect(await lossMs(asApplication)).toBeLessThan(10_000);
  });

  // prometheus-community/postgres_exporter#1193: no values at all for a replica without a replication slot.
  test('needs no replication slot', async () => {
    const slots = await runEach<{ n: number }>(servers.source.superuser(), [
      'SELECT count(*)::int AS n FROM pg_replication_slots',
    ]);
    expect(slots).toEqual([{ n: 0 }]);
    expect((await read()).streaming).toBe(true);
  });

  // coroot/coroot-pg-agent#6: a paused replay looks like a lag, and loses nothing.
  test('and does not apply loses nothing: it has received all, and says how much it must apply', async () => {
    await beat();
    await caughtUp();
    await onReplica('SELECT pg_wal_replay_pause()');
    try {
      await runEach(source, ['INSERT INTO orders SELECT generate_series(1, 20000)']);
      await soon(async () => {
        const state = await read();
        expect(state.unappliedBytes).toBeGreaterThan(500_000);
        expect(state.receivedTo?.getTime()).toBeGreaterThan(state.appliedTo?.getTime() ?? 0);
      });
    } finally {
      await onReplica('SELECT pg_wal_replay_resume()');
    }
    await caughtUp();
    expect((await read()).unappliedBytes).toBe(0);
  });
});

describe('a replica that is cut off', () => {
  // prometheus-community/postgres_exporter#385 and #977: "received equals applied" says 0 forever when nothing is received.
  test('is further behind with each second, though it has applied all that it received', async () => {
    await beat();
    await caughtUp();
    await cutOff(async () => {
      await order();
      const state = await read();
      expect(state.unappliedBytes).toBe(0);
      expect(judgeReplica(state).problem).toBe('it receives nothing from its source');
      const before = await lossMs();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect((await lossMs()) - before).toBeGreaterThan(1_000);
    });
    await caughtUp();
    await beat();
    await caughtUp();
    expect(await lossMs()).toBeLessThan(5_000);
  });

  test('and started again since is not taken for one without lag', async () => {
    await beat();
    await caughtUp();
    await cutOff(async () => {
      const cutOffAt = Date.now();
      await order();
      await replica.stop();
      await replica.start();
      await soon(async () => {
        const state = await read();
        expect(state.streaming).toBe(false);
        // It may have applied nothing since, but the heartbeat is in its data.
        expect(state.heartbeatAt).not.toBeNull();
      });
      const { completeTo } = judgeReplica(await read());
      expect(completeTo?.getTime()).toBeLessThan(cutOffAt);
    });
  });
});

describe('what looks like a replica', () => {
  // CrunchyData/pgmonitor#319, prometheus-community/postgres_exporter#395: the time of the last recovery stays on a primary.
  test('and takes writes is none, whatever it remembers', async () => {
    const state = await replicaReads.read(accessOf(source), 'field');
    expect(judgeReplica(state)).toMatchObject({
      completeTo: null,
      lossMs: null,
      problem: expect.stringContaining('no standby'),
    });
  });

  test('and has the heartbeat of another workload alone is measured by its commits', async () => {
    await beat();
    await caughtUp();
    const state = await replicaReads.read(accessOf(asMonitor), 'another');
    expect(state.heartbeatAt).toBeNull();
    expect(judgeReplica(state).lossMs).toBeLessThan(10_000);
  });

  // Last: it is a replica no more.
  // github.com/ContaAzul/postgresql_exporter/pull/58: a promoted one went on to show the lag of its last recovery.
  test('and was promoted has no lag, and a problem', async () => {
    await beat();
    await caughtUp();
    await onReplica('SELECT pg_promote()');
    await soon(async () => expect((await read()).standby).toBe(false));
    expect(judgeReplica(await read())).toMatchObject({
      lossMs: null,
      problem: expect.stringContaining('promoted'),
    });
  });
});
