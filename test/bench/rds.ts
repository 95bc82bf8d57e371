import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Cluster } from 'local-rds/engine';
import { openEngine } from 'local-rds/open-engine';
import pg from 'pg';
import { startRun } from '../../local/runs.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import { type Figure, median } from './figure.ts';
import { NotInstalled, type PgBackRest, startPgBackRest } from './pgbackrest.ts';

const MASTER = { user: 'bench', password: 'bench' };

/**
 * A snapshot of the local RDS and a restore from it until a client is answered, against pgBackRest's full backup and restore of
 * the same rows, in turns. Both copy without compression and check what they restore by checksums. Where pgBackRest is missing, ours
 * stands alone and the reason is said.
 */
export async function benchRds({ scale, rounds }: { scale: number; rounds: number }): Promise<Figure[]> {
  const run = await startRun();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-rds-'));
  await chmod(folder, 0o711);
  const engine = await openEngine({ folder: path.join(folder, 'engine') });
  try {
    const started = performance.now();
    const source = await engine.createCluster({ id: 'source', master: MASTER, database: 'mailblast' });
    const firstCreation = since(started);
    process.stderr.write(`loading MailBlast at scale ${scale} …\n`);
    await load(clientOf(source, 'mailblast'), scale);
    const theirs = await startPgBackRest(run).catch((error: unknown) => {
      if (!(error instanceof NotInstalled)) throw error;
      process.stderr.write(`${error.message}\n`);
      return undefined;
    });
    if (theirs) await load(theirs.connection, scale);

    const seconds = { creation: [], snapshot: [], restore: [], backup: [], restored: [] } as Record<
      string,
      number[]
    >;
    for (let round = 1; round <= rounds; round += 1) {
      process.stderr.write(`round ${round} of ${rounds} …\n`);
      if (theirs) await theirRound(theirs, seconds);
      const backup = await timed(seconds.snapshot, () =>
        source.baseBackup({ folder: path.join(folder, 'snapshot') }),
      );
      const restored = await timed(seconds.restore, async () => {
        const cluster = await engine.restoreFromBackup({ id: 'restored', from: backup });
        await ask(clientOf(cluster, 'mailblast'), 'SELECT 1');
        return cluster;
      });
      const other = await timed(seconds.creation, () =>
        engine.createCluster({ id: 'other', master: MASTER }),
      );
      await Promise.all([restored.delete(), other.delete(), engine.deleteBackup(backup)]);
    }
    const of = (list: number[] | undefined) => (list && list.length > 0 ? median(list) : null);
    const figure = (what: string, ours: number | null, other: number | null): Figure => ({
      what,
      ours: ours ?? Number.NaN,
      theirs: other,
      better: 'less',
    });
    return [
      figure('snapshot, wall seconds (pgBackRest, full backup)', of(seconds.snapshot), of(seconds.backup)),
      figure('restore to usable, wall seconds (pgBackRest)', of(seconds.restore), of(seconds.restored)),
      figure('first instance, wall seconds', firstCreation, null),
      figure('another instance, wall seconds', of(seconds.creation), null),
      figure('memory of the program, MiB', process.memoryUsage().rss / 1024 / 1024, null),
    ];
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
    await run.stop();
  }
}

async function theirRound(theirs: PgBackRest, seconds: Record<string, number[]>): Promise<void> {
  await timed(seconds.backup, () => theirs.backup());
  const end = await timed(seconds.restored, () => theirs.restore());
  await end();
}

async function timed<T>(list: number[] | undefined, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  list?.push(since(start));
  return result;
}

const since = (start: number) => (performance.now() - start) / 1000;

function clientOf({ host, port, ca }: Cluster, database: string): pg.ClientConfig {
  return { host, port, ...MASTER, database, ssl: { ca } };
}

async function load(config: pg.ClientConfig, scale: number): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  await loadSample(client, 'mailblast', { scale });
  await client.query('CHECKPOINT');
  await client.end();
}

async function ask(config: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  await client.query(sql);
  await client.end();
}
