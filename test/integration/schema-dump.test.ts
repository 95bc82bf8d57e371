import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { dumpSchema } from '../../shared/database/schema-dump/dump-schema.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
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
  const { host, port, user, password, database, ssl } = connection;
  const access: DatabaseAccess = {
    host,
    port,
    username: user,
    password,
    dbname: database,
    certificateAuthority: ssl.ca,
  };
  const { preData, postData } = await dumpSchema(access);
  expect(preData.match(/^CREATE TABLE public\.kept_\d+ /gm)).toHaveLength(1_000);
  expect(postData.match(/ADD CONSTRAINT kept_\d+_pkey PRIMARY KEY/g)).toHaveLength(1_000);
});
