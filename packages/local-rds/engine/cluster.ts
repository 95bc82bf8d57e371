import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Login, withClient } from './admin.ts';
import { clusterArchive } from './archive/cluster-archive.ts';
import { removeDrafts } from './archive/copy-archive.ts';
import type { SegmentCache } from './archive/reach.ts';
import { takeBackup } from './backup/base-backup.ts';
import { copyOnline } from './backup/online-copy.ts';
import type { Certificates } from './certificates.ts';
import type { AdminClient, Cluster, ServerEnd } from './engine.ts';
import { flipByte } from './flip-byte.ts';
import { folderSize } from './folder-size.ts';
import {
  type FullDisk,
  FullDiskNotSupported,
  makeFullDiskSwitch,
  setFullDisk,
} from './full-disk/full-disk.ts';
import type { ClusterLayout } from './layout.ts';
import {
  type LazyReads,
  LazyReadsNotSupported,
  makeLazyReadsSwitch,
  setLazyReads,
} from './lazy-reads/lazy-reads.ts';
import { endLeftovers } from './leftovers.ts';
import { checkParameters } from './parameters.ts';
import { type ClusterRecord, writeClusterRecord } from './record.ts';
import { clusterReplica } from './replica.ts';
import { ADMIN_DATABASE, setPassword } from './roles.ts';
import { isStandby, type Server, startServer } from './server.ts';
import { type Recovery, settingsFile, writeSettings } from './settings.ts';
import type { AbandonedSlot } from './sweep.ts';

/** What all clusters of an engine share. */
export interface Surroundings {
  readonly binaries: string;
  readonly certificates: Certificates;
  readonly login: Login;
  readonly segments: SegmentCache;
  /** A data folder on which PostgreSQL tries parameters. */
  readonly templateData: () => Promise<string>;
  /** The libraries that make disks look full and reads lazy; undefined on a platform without. */
  readonly fullDisk: string | undefined;
  readonly lazyReads: string | undefined;
  readonly archiveEveryMs: number;
  /** The server of a cluster, while it runs, so that it ends with this program. */
  readonly servers: Map<string, Server>;
  readonly abandoned: readonly AbandonedSlot[];
  readonly deleted: (id: string) => void;
}

/** The cluster is not running, and what was asked for needs it. */
export class ClusterNotRunning extends Error {
  override readonly name = 'ClusterNotRunning';

  constructor(id: string) {
    super(`Cluster "${id}" is not running. Start it first.`);
  }
}

/** The cluster was stopped or killed before its server was ready. */
export class StartEnded extends Error {
  override readonly name = 'StartEnded';

  constructor(id: string) {
    super(`Cluster "${id}" was stopped while it was starting. Start it again.`);
  }
}

/** A port of this machine is taken. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';

  constructor(port: number, options?: ErrorOptions) {
    super(
      `Port ${port} of 127.0.0.1 is in use. Expected: a free one. Name another port, or none to get any.`,
      options,
    );
  }
}

/** What only the engine itself may do with a cluster. */
export interface OwnCluster extends Cluster {
  record(): ClusterRecord;
  /** Starts a cluster that is being made; with a recovery, it is over when this returns. */
  startFirst(recovery: Recovery | undefined, signal: AbortSignal | undefined): Promise<void>;
  finish(): Promise<void>;
  /** Removes every trace, also of one that is half made. */
  remove(): Promise<void>;
}

export function createClusterHandle(
  layout: ClusterLayout,
  initial: ClusterRecord,
  surroundings: Surroundings,
): OwnCluster {
  const { binaries, login, segments, servers } = surroundings;
  let record = initial;
  let server: Server | undefined;
  let starting: { over: Promise<void>; controller: AbortController } | undefined;
  let ticking: NodeJS.Timeout | undefined;
  const listeners = new Set<(end: ServerEnd) => void>();

  async function save(change: Partial<ClusterRecord>): Promise<void> {
    record = { ...record, ...change };
    await writeClusterRecord(layout.record, record);
  }

  const configure = (recovery?: Recovery) => {
    const { replica } = record;
    const source = replica?.streaming
      ? { port: replica.sourcePort, slot: replica.slot, standbyName: record.id }
      : undefined;
    return writeSettings(layout, { ...record, recovery, source });
  };

  /** Started once, however often it is asked for meanwhile; stop and kill end a start too. */
  function launch(recovery?: Recovery, signal?: AbortSignal): Promise<void> {
    if (server) return Promise.resolve();
    if (!starting) {
      const controller = new AbortController();
      const either = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
      const over = launchNow(recovery, either).finally(() => {
        starting = undefined;
      });
      starting = { over, controller };
    }
    return starting.over;
  }

  async function endStart(): Promise<void> {
    starting?.controller.abort(new StartEnded(record.id));
    await starting?.over.catch(() => {}); // the caller that asked for the start gets the error
  }

  async function launchNow(recovery: Recovery | undefined, signal: AbortSignal): Promise<void> {
    await endLeftovers(layout.data);
    await removeDrafts(record.archive);
    // PostgreSQL removes it when it is promoted, and the program may have been killed at that moment.
    if (record.replica && !(await isStandby(layout.data))) await save({ replica: null, atLeast: {} });
    await configure(recovery);
    // Recovery may need more room for data. The archive takes nothing, also while the server starts.
    await makeFullDiskSwitch(layout.folder, { storage: false, archive: record.fullDisk.archive });
    await makeLazyReadsSwitch(layout.folder);
    const started = await startServer({
      id: record.id,
      binaries,
      dataFolder: layout.data,
      settingsFile: settingsFile(layout),
      logFile: layout.log,
      preload: [surroundings.fullDisk, surroundings.lazyReads].filter((library) => library !== undefined),
      signal,
    }).catch((error: Error & { log?: string }) => {
      throw error.log?.includes('could not bind') ? new PortTaken(record.port, { cause: error }) : error;
    });
    // Not before: recovery needs space, or the cluster could not be read.
    await setFullDisk(layout.folder, record.fullDisk);
    await setLazyReads(layout.folder, lazyReads(), { fresh: false });
    server = started;
    servers.set(record.id, started);
    void started.ended.then((end) => {
      clearInterval(ticking);
      if (server === started) server = undefined;
      servers.delete(record.id);
      for (const tell of listeners) tell(end);
      listeners.clear();
    });
    await dropAbandonedSlots();
    ticking = setInterval(() => {
      // A server that is going down, or an archive without room: the next time tries again.
      if (!record.replica) void archive.keepUp().catch(() => {});
    }, surroundings.archiveEveryMs).unref();
  }

  async function dropAbandonedSlots(): Promise<void> {
    const names = surroundings.abandoned
      .filter(({ sourcePort }) => sourcePort === record.port)
      .map(({ slot }) => slot);
    if (names.length === 0) return;
    await asAdmin((client) =>
      client.query(
        'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ANY ($1) AND NOT active',
        [names],
      ),
    );
  }

  async function fill(change: Partial<FullDisk>): Promise<void> {
    if (surroundings.fullDisk === undefined) throw new FullDiskNotSupported();
    await save({ fullDisk: { ...record.fullDisk, ...change } });
    if (server) await setFullDisk(layout.folder, record.fullDisk);
  }

  const lazyReads = (): LazyReads | null =>
    record.lazyReads ? { delayMs: record.lazyReads.delayMs, until: new Date(record.lazyReads.until) } : null;

  async function asAdmin<T>(work: (client: pg.Client) => Promise<T>, database = ADMIN_DATABASE): Promise<T> {
    if (!server) throw new ClusterNotRunning(record.id);
    return withClient({ login, port: record.port, database }, work);
  }

  /** Reads the settings again, and returns when the server has. */
  async function reload(): Promise<void> {
    await asAdmin(async (client) => {
      const loaded = async () =>
        (await client.query('SELECT pg_conf_load_time()::text AS at')).rows[0].at as string;
      const before = await loaded();
      await client.query('SELECT pg_reload_conf()');
      while ((await loaded()) === before) await sleep(5);
    });
  }

  const archive = clusterArchive({
    id: record.id,
    folder: record.archive,
    logFile: layout.log,
    segments,
    asAdmin: (work) => asAdmin(work),
    running: () => server !== undefined,
    fill: (full) => fill({ archive: full }),
  });

  const self: OwnCluster = {
    id: record.id,
    host: '127.0.0.1',
    get port() {
      return record.port;
    },
    folder: layout.folder,
    logFile: layout.log,
    ca: surroundings.certificates.ca,
    master: record.master,
    archive,
    get replica() {
      return record.replica ? replica : null;
    },
    record: () => record,
    start: () => launch(),
    async stop() {
      await endStart();
      await server?.stop();
    },
    async kill() {
      await endStart();
      await server?.kill();
    },
    async crash() {
      await server?.crash();
    },
    running: () => server !== undefined,
    ended: () => new Promise((resolve) => listeners.add(resolve)),
    setMasterPassword: (password) => asAdmin((client) => setPassword(client, record.master, password)),
    async setPort(port) {
      await save({ port });
    },
    async setParameters(parameters) {
      await checkParameters(parameters, { binaries, dataFolder: await surroundings.templateData() });
      const before = record.parameters;
      await save({ parameters: { ...parameters } });
      if (!server) return { pendingReboot: [] };
      await configure();
      await reload();
      const names = [...new Set([...Object.keys(before), ...Object.keys(parameters)])];
      const { rows } = await asAdmin((client) =>
        client.query(
          'SELECT name FROM pg_settings WHERE pending_restart AND name = ANY (SELECT lower(unnest($1::text[])))',
          [names],
        ),
      );
      return { pendingReboot: rows.map((row) => row.name as string).sort() };
    },
    baseBackup: ({ folder, signal }) =>
      asAdmin((client) =>
        takeBackup({ client, dataFolder: layout.data, master: record.master, folder, signal }),
      ),
    async admitStandby(slot) {
      await asAdmin((client) => client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]));
      return { ca: self.ca, ...surroundings.certificates.replicator };
    },
    copyTo: (dataFolder, signal) =>
      asAdmin(async (client) => {
        await copyOnline({ client, from: layout.data, to: dataFolder, forServer: true, signal });
      }),
    asAdmin: <T>(work: (client: AdminClient) => Promise<T>, database?: string) => asAdmin(work, database),
    async fillStorage(full) {
      await fill({ storage: full });
    },
    async readLazily(lazy) {
      if (surroundings.lazyReads === undefined) throw new LazyReadsNotSupported();
      await save({ lazyReads: lazy && { delayMs: lazy.delayMs, until: lazy.until.toISOString() } });
      if (server) await setLazyReads(layout.folder, lazy, { fresh: true });
    },
    flipByte: ({ database, table }) => asAdmin((client) => flipByte(client, layout.data, table), database),
    size: () => folderSize(layout.data),
    async delete({ keepArchive = false } = {}) {
      await save({ state: 'deleting', keepArchive });
      await self.kill();
      await self.remove();
    },
    async startFirst(recovery, signal) {
      await launch(recovery, signal);
      // From here on it is a cluster as any other, also when it is started again.
      if (recovery) await configure();
    },
    finish: () => save({ state: 'whole' }),
    async remove() {
      await self.kill();
      await endLeftovers(layout.data);
      if (record.replica) await replica.forget();
      if (!record.keepArchive) await rm(record.archive, { recursive: true, force: true });
      await rm(layout.folder, { recursive: true, force: true, maxRetries: 5 });
      surroundings.deleted(record.id);
    },
  };

  const replica = clusterReplica({
    id: record.id,
    login: path.join(layout.settings),
    source: () => {
      if (!record.replica) throw new TypeError(`${record.id} is no replica`);
      return record.replica;
    },
    asAdmin: (work) => asAdmin(work),
    running: () => server !== undefined,
    async setStreaming(streaming) {
      if (record.replica) await save({ replica: { ...record.replica, streaming } });
      if (!server) return;
      await configure();
      await reload();
    },
    async promoted() {
      await save({ replica: null, atLeast: {} });
      await configure();
      await reload();
    },
  });
  return self;
}
