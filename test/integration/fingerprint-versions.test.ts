import { createAuthority } from 'certificate-authority';
import { postgresBinaries } from 'local-postgres/binaries';
import { majors } from 'local-postgres/release';
import { type Connection, startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Run, startRun } from '../../local/runs.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import { listTables, majorVersion, readTraits } from '../../shared/database/postgres/catalog.ts';
import { connect } from '../../shared/database/postgres/connect.ts';
import { fingerprintTable } from '../../shared/database/postgres/fingerprint.ts';
import { readable } from '../../shared/database/table.ts';

let run: Run;
const clients: pg.Client[] = [];

beforeAll(async () => {
  run = await startRun();
  const ca = await createAuthority('versions');
  for (const major of majors) {
    const binaries = await postgresBinaries(run.folder, major);
    const server = await startPostgres(run, { name: `server-${major}`, binaries, ca });
    const owner = await server.createDatabase({ name: 'mailblast', owner: 'mailblast' });
    await load(owner);
    const { host, port, user: username, password, database: dbname } = owner;
    clients.push(
      await connect({ host, port, username, password, dbname, certificateAuthority: server.ca }, 'test'),
    );
  }
}, 120_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await run?.stop();
});

async function load(owner: Connection): Promise<void> {
  const client = new pg.Client(owner);
  await client.connect();
  await loadSample(client, 'mailblast', { scale: 0.002 });
  await client.end();
}

test('equal rows have an equal fingerprint on servers of different major versions', async () => {
  const found = await Promise.all(clients.map(fingerprints));
  expect(found.map(({ major }) => major)).toEqual([...majors]);
  const newest = found.at(-1)?.tables ?? {};
  expect(Object.keys(newest).length).toBeGreaterThan(10);
  for (const { tables } of found) expect(tables).toEqual(newest);
});

async function fingerprints(client: pg.Client) {
  const { serverVersion } = await readTraits(client);
  const tables: Record<string, unknown> = {};
  for (const table of await listTables(client))
    tables[readable(table)] = await fingerprintTable(client, table);
  return { major: majorVersion(serverVersion), tables };
}
