import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import type { LoadDatabase } from './of-others.ts';

/**
 * Message DB (MIT), an event store: types, functions that call each other without naming their schema, indexes on them, views
 * and grants. Its own installer says in which order its files come.
 */
export const messageStore: LoadDatabase = async ({ owner, superuser, tools }) => {
  const home = path.dirname(createRequire(import.meta.url).resolve('@eventide/message-db/package.json'));
  const folder = path.join(home, 'database');
  await run(superuser, ['CREATE ROLE message_store']);
  const first = ['schema', 'extensions', 'tables'];
  for (const part of first)
    for (const file of await readdir(path.join(folder, part)))
      await tools.psql(owner, path.join(folder, part, file));
  for (const installer of ['functions', 'indexes', 'views', 'privileges']) {
    const script = await readFile(path.join(folder, `install-${installer}.sh`), 'utf8');
    for (const [, file] of script.matchAll(/run_psql_file \$base\/(\S+)/g))
      await tools.psql(owner, path.join(folder, String(file)));
  }
  await run(owner, [
    'SET search_path = message_store, public',
    `SELECT write_message(gen_random_uuid()::text, 'account-' || n % 20, 'Opened' || n % 3, '{"n": 1}', '{"correlationStreamName": "other-1"}')
     FROM generate_series(1, 200) n`,
  ]);
};

async function run(where: pg.ClientConfig, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(where);
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}
