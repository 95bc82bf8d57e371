import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * What RDS lets `rds_superuser` create though PostgreSQL asks for a superuser, of those that PostgreSQL brings along.
 * https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html
 */
const ALLOWED = [
  'amcheck',
  'bloom',
  'dblink',
  'dict_xsyn',
  'earthdistance',
  'intagg',
  'pg_buffercache',
  'pg_freespacemap',
  'pg_prewarm',
  'pg_stat_statements',
  'pg_visibility',
  'pg_walinspect',
  'pgrowlocks',
  'pgstattuple',
  'postgres_fdw',
  'sslinfo',
];

/**
 * Makes a folder for `extension_control_path` that marks these as trusted: a role with the right CREATE on a database may
 * then create them there. What they do is PostgreSQL's own.
 * https://www.postgresql.org/docs/18/runtime-config-client.html#GUC-EXTENSION-CONTROL-PATH
 */
export async function allowExtensions(folder: string, binaries: string): Promise<void> {
  const theirs = path.join(binaries, 'share', 'postgresql', 'extension');
  const ours = path.join(folder, 'extension');
  await rm(folder, { recursive: true, force: true });
  await mkdir(ours, { recursive: true });
  for (const each of [folder, ours]) await chmod(each, 0o755); // the servers' user looks for scripts here
  const files = await readdir(theirs);
  for (const name of ALLOWED) {
    const control = await readFile(path.join(theirs, `${name}.control`), 'utf8');
    await writeFile(path.join(ours, `${name}.control`), `${control}\ntrusted = true\n`);
    for (const script of files.filter((file) => file.startsWith(`${name}--`)))
      await symlink(path.join(theirs, script), path.join(ours, script));
  }
}
