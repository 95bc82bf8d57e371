import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import type { LoadDatabase } from './of-others.ts';

const PACKAGES = ['@pgpm/types', '@pgpm/inflection', '@pgpm/database-jobs', '@pgpm/metaschema-schema'];

/** Where a package expects an extension that not every machine's PostgreSQL can load. */
const BEFORE = `
  CREATE EXTENSION citext;
  CREATE EXTENSION hstore;
  CREATE EXTENSION pgcrypto;
  CREATE EXTENSION unaccent;
  CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
  CREATE FUNCTION public.uuid_nil() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$`;

const ROWS = `
  INSERT INTO metaschema_public.database (name, owner_id, schema_hash) SELECT 'shop' || n, gen_random_uuid(), 'h' || n FROM generate_series(1, 20) n;
  INSERT INTO metaschema_public.schema (database_id, name, schema_name) SELECT id, 'app_public', name || '-public' FROM metaschema_public.database;
  INSERT INTO metaschema_public."table" (database_id, schema_id, name) SELECT s.database_id, s.id, 'table_' || n FROM metaschema_public.schema s, generate_series(1, 5) n;
  INSERT INTO metaschema_public.field (database_id, table_id, name, type) SELECT database_id, id, 'field_' || n, 'text' FROM metaschema_public."table", generate_series(1, 4) n`;

/**
 * The database-first modules of PGPM (MIT): domains over citext and jsonb, a job queue driven by triggers, and a catalogue of
 * tables with foreign keys both ways, comments and default privileges for roles that a scratch server lacks.
 */
export const metaschema: LoadDatabase = async ({ owner, superuser }) => {
  const [asSuperuser, asOwner] = [new pg.Client(superuser), new pg.Client(owner)];
  await Promise.all([asSuperuser.connect(), asOwner.connect()]);
  try {
    await asSuperuser.query('CREATE ROLE authenticated; CREATE ROLE anonymous; CREATE ROLE administrator');
    await asOwner.query(BEFORE);
    for (const name of PACKAGES) await asOwner.query(await sqlOf(name));
    await asOwner.query(ROWS);
  } finally {
    await Promise.all([asSuperuser.end(), asOwner.end()]);
  }
};

/** Its first line keeps psql from running what is meant as an extension's script. */
async function sqlOf(packageName: string): Promise<string> {
  const home = path.dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  const [file] = await readdir(path.join(home, 'sql'));
  return (await readFile(path.join(home, 'sql', String(file)), 'utf8')).replace(/^\\echo .*$/m, '');
}
