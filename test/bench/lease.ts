import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/access';
import { postgresBinaries } from 'local-postgres/binaries';
import { startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { startRun } from '../../local/runs.ts';
import { leaseFences } from '../../shared/database/postgres/lease-fence/lease-fence.ts';
import { accessOf } from '../cases/databases/servers.ts';
import { type Figure, median } from './figure.ts';

/** What an application does in one round, by the name that the figure gets. */
const WORK: Readonly<Record<string, { readonly times: number; readonly statements: readonly string[] }>> = {
  'transaction of one UPDATE': { times: 2000, statements: ['UPDATE orders SET n = n + 1 WHERE id = 7'] },
  'transaction of ten UPDATEs': {
    times: 300,
    statements: [
      'BEGIN',
      ...Array.from({ length: 10 }, (_, index) => `UPDATE orders SET n = n + 1 WHERE id = ${index}`),
      'COMMIT',
    ],
  },
  'INSERT of 100,000 rows': {
    times: 1,
    statements: ['TRUNCATE orders', 'INSERT INTO orders SELECT id, 0 FROM generate_series(0, 99999) AS id'],
  },
};

/**
 * What the fence of a lease costs an application: the same writes on a table without and with it, in turns, in milliseconds
 * a transaction. Connection, commit and disk are part of both sides.
 */
export async function benchLease({ rounds }: { rounds: number }): Promise<Figure[]> {
  const run = await startRun();
  try {
    const server = await startPostgres(run, {
      name: 'lease',
      binaries: await postgresBinaries(run.folder, 18),
      ca: await createAuthority('lease'),
    });
    const sides = [];
    for (const name of ['fenced', 'bare']) {
      const database = await server.createDatabase({ name, owner: name });
      sides.push(await openSide(database, name === 'fenced'));
    }
    const took = sides.map(() => new Map<string, number[]>());
    for (let round = 1; round <= rounds; round += 1) {
      process.stderr.write(`round ${round} of ${rounds} …\n`);
      for (const [what, { times, statements }] of Object.entries(WORK))
        for (const [index, client] of sides.entries()) {
          const start = performance.now();
          for (let time = 0; time < times; time += 1) for (const sql of statements) await client.query(sql);
          const each = (performance.now() - start) / times;
          const of = took[index];
          of?.set(what, [...(of.get(what) ?? []), each]);
        }
    }
    for (const client of sides) await client.end();
    const [ours, theirs] = took;
    return Object.keys(WORK).map((what) => ({
      what: `${what}, milliseconds (without the fence)`,
      ours: median(ours?.get(what) ?? []),
      theirs: median(theirs?.get(what) ?? []),
      better: 'less',
    }));
  } finally {
    await run.stop();
  }
}

async function openSide(database: Connection, isFenced: boolean): Promise<pg.Client> {
  const client = new pg.Client(database);
  await client.connect();
  await client.query('CREATE TABLE orders (id int PRIMARY KEY, n int NOT NULL)');
  await client.query('INSERT INTO orders SELECT id, 0 FROM generate_series(0, 9999) AS id');
  if (isFenced)
    await leaseFences.use(accessOf(database), new AbortController().signal, async (fence) =>
      fence.install(
        [{ schema: 'public', name: 'orders' }],
        new Date((await fence.now()).getTime() + LEASE_MS),
      ),
    );
  return client;
}

/** The longest that the fence accepts: a bench ends sooner. */
const LEASE_MS = 600_000;
