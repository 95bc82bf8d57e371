import { randomBytes } from 'node:crypto';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { postgresBinaries } from 'local-postgres/binaries';
import { freePort } from 'process-kit/free-port';
import { killGroupNow } from 'process-kit/kill';
import { copyArchive } from './archive/copy-archive.ts';
import { formatLsn } from './archive/lsn.ts';
import { lastMomentBefore, reachFrom, type SegmentCache } from './archive/reach.ts';
import { copyBackup, deleteBackup, layOut, readBackup, verifyBackup } from './backup/base-backup.ts';
import { openCertificates } from './certificates.ts';
import { createClusterHandle, type OwnCluster, PortTaken, type Surroundings } from './cluster.ts';
import type {
  BaseBackup,
  Cluster,
  Engine,
  NewCluster,
  NewReplica,
  Place,
  PointInTimeRestore,
} from './engine.ts';
import { allowExtensions } from './extensions.ts';
import { installFullDisk } from './full-disk/full-disk.ts';
import { type ClusterLayout, clusterLayout, layoutOf, makeFolders } from './layout.ts';
import { installLazyReads, LazyReadsNotSupported } from './lazy-reads/lazy-reads.ts';
import { takeOwnership } from './owner.ts';
import { give, makeServerFolder, writeServerFile } from './ownership.ts';
import { checkParameters } from './parameters.ts';
import { type ClusterRecord, type ReplicaRecord, readClusterRecord, writeClusterRecord } from './record.ts';
import { ADMIN, makeMaster } from './roles.ts';
import type { Server } from './server.ts';
import { makeSettingsFolder, type Recovery, writeSourceLogin } from './settings.ts';
import { sweep } from './sweep.ts';
import { copyTemplate, openTemplate } from './template.ts';

/** There is a cluster of this name already, or one is being made. */
export class ClusterExists extends Error {
  override readonly name = 'ClusterExists';

  constructor(id: string) {
    super(`There is a cluster "${id}" already. Delete it, or choose another id.`);
  }
}

/** There is no whole cluster of this name. */
export class ClusterNotFound extends Error {
  override readonly name = 'ClusterNotFound';

  constructor(id: string) {
    super(`There is no cluster "${id}". Expected: the id of one that was made here and not deleted.`);
  }
}

/** A name that cannot be a folder's. */
export class IdRefused extends Error {
  override readonly name = 'IdRefused';

  constructor(id: string) {
    super(
      `"${id}" cannot name a cluster. Expected: a lowercase letter, then up to 62 lowercase letters, digits and hyphens.`,
    );
  }
}

/** The moment asked for is earlier than the backup. */
export class TargetBeforeBackup extends Error {
  override readonly name = 'TargetBeforeBackup';
  readonly earliest: Date;

  constructor(target: Date, earliest: Date) {
    super(
      `${target.toISOString()} cannot be restored from this backup, which was complete at ${earliest.toISOString()}. ` +
        'Expected: that moment or a later one. Choose an earlier backup.',
    );
    this.earliest = earliest;
  }
}

/** The moment asked for is later than what the archive holds. */
export class TargetBeyondArchive extends Error {
  override readonly name = 'TargetBeyondArchive';
  readonly latest: Date;

  constructor(target: Date, latest: Date) {
    super(
      `${target.toISOString()} cannot be restored: the archive reaches to ${latest.toISOString()}. ` +
        'Expected: that moment or an earlier one, or "latest".',
    );
    this.latest = latest;
  }
}

/** RDS's logs reach its archive every five minutes. */
const FIVE_MINUTES = 300_000;

/** Two programs that ask the system for a free port may be told the same one. */
const PORT_ATTEMPTS = 3;

/** What a standby must not have less of than its source: "Hot Standby, Administrator's Overview". */
const AT_LEAST = [
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
];

/**
 * Opens the clusters in a folder, after ending and removing what a killed program left. One program at a time: throws EngineInUse.
 * When this process ends, its servers end.
 */
export async function openEngine(o: { folder: string; archiveEveryMs?: number }): Promise<Engine> {
  const layout = layoutOf(path.resolve(o.folder));
  await makeFolders(layout);
  const release = await takeOwnership(layout.folder, layout.owner);
  const { slots, ...swept } = await sweep(layout);
  const binaries = await postgresBinaries(layout.folder);
  await allowExtensions(layout.extensions, binaries);
  const certificates = await openCertificates(layout.certificates);
  const login = { user: ADMIN, ca: certificates.ca, ...certificates.admin };
  // Begun at once, awaited by the first who needs it: a program that only looks at what is there does not wait.
  const template = openTemplate({ layout, binaries, certificates, login });
  template.catch(() => {}); // those who await it get the error

  const clusters = new Map<string, OwnCluster>();
  const ports = new Set<number>();
  const servers = new Map<string, Server>();
  const segments: SegmentCache = new Map();
  const surroundings: Surroundings = {
    binaries,
    certificates,
    login,
    segments,
    servers,
    abandoned: slots,
    templateData: async () => (await template).dataFolder,
    fullDisk: await installFullDisk(layout.folder),
    lazyReads: await installLazyReads(layout.folder),
    archiveEveryMs: o.archiveEveryMs ?? FIVE_MINUTES,
    deleted: (id) => void clusters.delete(id),
  };
  const stopNow = () => {
    for (const { pid } of servers.values()) killGroupNow(pid);
  };
  process.on('exit', stopNow);

  for (const id of await readdir(layout.clusters)) {
    const record = await readClusterRecord(clusterLayout(layout, id).record);
    if (record) clusters.set(id, createClusterHandle(clusterLayout(layout, id), record, surroundings));
  }

  /** Makes a cluster, whole or not at all; `fill` lays out its data. */
  async function make(
    place: Place,
    wanted: {
      master: string;
      recovery?: Recovery;
      atLeast?: Readonly<Record<string, number>>;
      replica?: ReplicaRecord;
      fill: (made: ClusterLayout) => Promise<void>;
      onceStarted?: (cluster: OwnCluster) => Promise<void>;
    },
  ): Promise<Cluster> {
    const { id, parameters = {}, signal } = place;
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(id)) throw new IdRefused(id);
    if (making.has(id) || clusters.has(id)) throw new ClusterExists(id);
    making.add(id);
    try {
      await checkParameters(parameters, { binaries, dataFolder: (await template).dataFolder });
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await attemptOn(await portFor(place));
        } catch (error) {
          if (!(error instanceof PortTaken) || place.port !== undefined || attempt === PORT_ATTEMPTS)
            throw error;
        }
      }
    } finally {
      making.delete(id);
    }

    async function attemptOn(port: number): Promise<Cluster> {
      const made = clusterLayout(layout, id);
      const record: ClusterRecord = {
        id,
        state: 'making',
        port,
        master: wanted.master,
        archive: path.join(layout.archives, `${id}-${randomBytes(4).toString('hex')}`),
        parameters,
        atLeast: wanted.atLeast ?? {},
        fullDisk: { storage: false, archive: false },
        replica: wanted.replica ?? null,
      };
      ports.add(port);
      const cluster = createClusterHandle(made, record, surroundings);
      try {
        await mkdir(made.folder, { mode: 0o711 });
        await give(made.folder);
        await writeClusterRecord(made.record, record);
        await makeServerFolder(record.archive);
        await makeServerFolder(made.data);
        await makeSettingsFolder(made, certificates);
        await wanted.fill(made);
        signal?.throwIfAborted();
        await cluster.startFirst(wanted.recovery, signal);
        await wanted.onceStarted?.(cluster);
        signal?.throwIfAborted();
        await cluster.finish();
        clusters.set(id, cluster);
        return cluster;
      } catch (error) {
        await cluster.remove();
        throw error;
      } finally {
        ports.delete(port);
      }
    }
  }

  const making = new Set<string>();
  let lazyRestores: { readonly delayMs: number; readonly forMs: number } | null = null;

  async function portFor({ port }: Place): Promise<number> {
    const taken = (wanted: number) =>
      ports.has(wanted) || [...clusters.values()].some((cluster) => cluster.port === wanted);
    if (port !== undefined) {
      if (taken(port)) throw new PortTaken(port);
      return port;
    }
    for (;;) {
      const free = await freePort();
      if (!taken(free)) return free;
    }
  }

  /** The same for both kinds of restore: the backup's files, then recovery up to the target on a new timeline. */
  function restore(
    place: Place,
    from: BaseBackup,
    recovery: Recovery,
    archive: string | undefined,
  ): Promise<Cluster> {
    return make(place, {
      master: from.master,
      recovery,
      async fill(made) {
        await layOut(from, made.data, place.signal);
        await writeServerFile(path.join(made.data, 'recovery.signal'), '');
        if (archive !== undefined) await symlink(path.resolve(archive), made.restoreFrom);
      },
      async onceStarted(cluster) {
        if (!lazyRestores) return;
        const { delayMs, forMs } = lazyRestores;
        await cluster.readLazily({ delayMs, until: new Date(Date.now() + forMs) });
      },
    });
  }

  /** What can be reached from a backup, and the last moment that can be asked for. */
  async function reach(backup: BaseBackup, archive: string) {
    const { end, quietUntil } = await reachFrom(backup, path.resolve(archive), segments);
    const written = end ? lastMomentBefore(end) : backup.completedAt;
    return { end, written, latest: quietUntil && quietUntil > written ? quietUntil : written };
  }

  return {
    folder: layout.folder,
    ca: certificates.ca,
    caFile: path.join(layout.certificates, 'ca.crt'),
    swept,
    list: async () => [...clusters.keys()].sort(),
    createCluster: ({ master, database, ...place }: NewCluster) =>
      make(place, {
        master: master.user,
        fill: async (made) => copyTemplate(await template, made.data, place.signal),
        onceStarted: (cluster) =>
          cluster.asAdmin((client) => makeMaster(client, { ...master, database }), 'postgres'),
      }),
    async open(id) {
      const cluster = clusters.get(id);
      if (!cluster) throw new ClusterNotFound(id);
      return cluster;
    },
    restoreFromBackup: ({ from, ...place }) => restore(place, from, { target: 'consistency' }, undefined),
    async restoreToPointInTime({ from, archive, target, ...place }: PointInTimeRestore) {
      const { end, written, latest } = await reach(from, archive);
      if (target === 'latest') {
        const recovery: Recovery = { target: end ? { lsn: formatLsn(end.lsn) } : 'consistency' };
        return restore(place, from, recovery, archive);
      }
      if (target < from.completedAt) throw new TargetBeforeBackup(target, from.completedAt);
      if (target > latest) throw new TargetBeyondArchive(target, latest);
      // Nothing was written after the last transaction: all of it is how it was at that moment.
      const last: Recovery['target'] = end ? { lsn: formatLsn(end.lsn) } : 'consistency';
      return restore(place, from, { target: end && target <= written ? { time: target } : last }, archive);
    },
    async createReplica({ source, ...place }: NewReplica) {
      const slot = `rds_${place.id.replaceAll('-', '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`;
      const { rows } = await source.asAdmin((client) =>
        client.query('SELECT name, setting FROM pg_settings WHERE name = ANY ($1)', [AT_LEAST]),
      );
      return make(place, {
        master: source.master,
        atLeast: Object.fromEntries(rows.map((row) => [row.name, Number(row.setting)])),
        replica: { sourcePort: source.port, slot, streaming: true },
        async fill(made) {
          const { ca, ...standbyLogin } = await source.admitStandby(slot);
          await writeSourceLogin(made, ca, standbyLogin);
          await source.copyTo(made.data, place.signal);
          await writeServerFile(path.join(made.data, 'standby.signal'), '');
        },
      });
    },
    readBackup,
    copyBackup,
    verifyBackup: ({ folder }) => verifyBackup(folder),
    deleteBackup: ({ folder }) => deleteBackup(folder),
    async restorableWindow(backup, archive) {
      const { latest } = await reach(backup, archive);
      return {
        earliest: backup.completedAt,
        latest: latest > backup.completedAt ? latest : backup.completedAt,
      };
    },
    copyArchive,
    makeRestoresLazy(lazy) {
      if (surroundings.lazyReads === undefined) throw new LazyReadsNotSupported();
      lazyRestores = lazy;
    },
    parameters: async () => (await template).parameters,
    async close() {
      await template.catch(() => {});
      await Promise.all([...clusters.values()].map((cluster) => cluster.stop()));
      process.off('exit', stopNow);
      await release();
    },
  };
}
