import { parseArgs } from 'node:util';
import { createAuthority } from 'certificate-authority';
import { postgresBinaries } from 'local-postgres/binaries';
import { startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { startRun } from '../../local/runs.ts';
import { takeOnce } from './backup.ts';
import { startSink } from './sink.ts';

/**
 * Shows that the memory of a backup does not grow with the table: the same table backed up at one size and at ten times
 * that, each in a process of its own, by the most memory that the process ever had (RSS).
 *
 *   node test/bench/backup-memory.ts --megabytes 100
 */
const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '60' } } });
const small = Number(values.megabytes);
/** What one row below takes on disk, about. */
const ROW_BYTES = 1_100;
/** Above this the memory depends on the size. The rest is what a garbage collector leaves for later. */
const FLAT = 1.5;

const run = await startRun();
const sink = await startSink();
try {
  const ca = await createAuthority('bench');
  const server = await startPostgres(run, {
    name: 'memory',
    binaries: await postgresBinaries(run.folder),
    ca,
  });
  const owner = await server.createDatabase({ name: 'memory', owner: 'memory' });
  const client = new pg.Client(owner);
  await client.connect();
  await client.query('CREATE TABLE rows (id bigint, text text)');
  const { host, port, user: username, password, database: dbname } = owner;
  const access = { host, port, username, password, dbname, certificateAuthority: server.ca };
  const peaks: number[] = [];
  for (const megabytes of [small, small * 10]) {
    const count = Math.ceil((megabytes * 1024 * 1024) / ROW_BYTES);
    await client.query(
      `INSERT INTO rows SELECT i, (SELECT string_agg(md5((i * 32 + j)::text), '') FROM generate_series(1, 32) j)
       FROM generate_series((SELECT count(*) FROM rows) + 1, $1) i`,
      [count],
    );
    const { peakMiB, seconds } = await takeOnce(access, sink.endpoint);
    peaks.push(peakMiB);
    console.log(
      `${megabytes} MB of rows: at most ${Math.round(peakMiB)} MiB of memory, ${seconds.toFixed(1)} s`,
    );
  }
  await client.end();
  const growth = (peaks[1] ?? Number.NaN) / (peaks[0] ?? Number.NaN);
  console.log(`ten times the rows, ${growth.toFixed(2)} times the memory`);
  if (!(growth <= FLAT)) process.exitCode = 1;
} finally {
  sink.close();
  await run.stop();
}
