import type { Connection } from 'local-postgres/start-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { readArchive } from '../../shared/database/postgres/archive/read-archive.ts';
import { dumpSchema } from '../../shared/database/postgres/schema/dump-schema.ts';
import { openAccount, type TestAccount } from './support/account.ts';

let aws: TestAccount;

function accessOf({ host, port, user, password, database, ssl }: Connection): DatabaseAccess {
  return { host, port, username: user, password, dbname: database, certificateAuthority: ssl.ca };
}

beforeAll(async () => {
  aws = await openAccount();
});

afterAll(() => aws?.stop());

test('a schema of so many tables that pg_dump sends its queries in pieces is dumped whole', async () => {
  const connection = await aws.source.createDatabase({ name: 'many_tables', owner: 'many_tables' });
  const client = new pg.Client(connection);
  await client.connect();
  // In steps: a transaction holds a lock on each table that it makes.
  for (let from = 1; from <= 1_000; from += 500)
    await client.query(
      `DO $$ BEGIN FOR i IN ${from}..${from + 499} LOOP EXECUTE format('CREATE TABLE kept_%s (id serial PRIMARY KEY)', i); END LOOP; END $$`,
    );
  await client.end();
  const access = accessOf(connection);
  const { archive } = await dumpSchema(access, { signal: new AbortController().signal });
  const { entries } = readArchive(archive);
  const made = (desc: string, by: RegExp) =>
    entries.filter((entry) => entry.desc === desc && by.test(entry.definition));
  expect(made('TABLE', /^CREATE TABLE public\.kept_\d+ /)).toHaveLength(1_000);
  expect(made('CONSTRAINT', /ADD CONSTRAINT kept_\d+_pkey PRIMARY KEY/)).toHaveLength(1_000);
});

test('a dump that waits for a lock ends with the reason of the signal, and leaves no session', async () => {
  const connection = await aws.source.createDatabase({ name: 'locked', owner: 'locked' });
  // Two: a transaction sees pg_stat_activity as it was when it first looked.
  const [holder, watcher] = [new pg.Client(connection), new pg.Client(connection)];
  await Promise.all([holder.connect(), watcher.connect()]);
  await holder.query('CREATE TABLE held (id int)');
  await holder.query('BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE');
  const sessions = async (condition: string) => {
    const { rows } = await watcher.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'lifeboat schema' AND datname = current_database() AND ${condition}`,
    );
    return rows[0]?.n ?? 0;
  };
  const deadline = new AbortController();
  const dump = dumpSchema(accessOf(connection), { signal: deadline.signal });
  dump.catch(() => {});
  while ((await sessions("wait_event_type = 'Lock'")) === 0);
  deadline.abort(new Error('out of time'));
  await expect(dump).rejects.toThrow('out of time');
  await holder.query('ROLLBACK');
  while ((await sessions('true')) > 0);
  await Promise.all([holder.end(), watcher.end()]);
});
