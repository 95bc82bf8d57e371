import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PostgresServer } from 'local-postgres/start-postgres';
import { runEach } from './servers.ts';

/** An extension of SQL alone. */
export interface SqlExtension {
  readonly name: string;
  readonly version: string;
  readonly script: string;
  /** Who may create it: every role that may create objects, every such role with a superuser's rights for the script, or a superuser. */
  readonly creator?: 'anyone' | 'trusted' | 'superuser';
}

/** Lets a server of PostgreSQL 18 create extensions, without a file beside its binaries. */
export async function provideExtensions(
  server: PostgresServer,
  extensions: readonly SqlExtension[],
): Promise<void> {
  const folder = path.join(path.dirname(server.dataFolder), 'extensions');
  const files = path.join(folder, 'extension');
  await mkdir(files, { recursive: true });
  for (const each of [folder, files]) await chmod(each, 0o755);
  for (const { name, version, script, creator = 'anyone' } of extensions) {
    const rights = {
      anyone: 'superuser = false',
      trusted: 'superuser = true\ntrusted = true',
      superuser: 'superuser = true',
    }[creator];
    const control = `default_version = '${version}'\nrelocatable = false\n${rights}\n`;
    for (const [file, text] of [
      [`${name}.control`, control],
      [`${name}--${version}.sql`, script],
    ] as const) {
      await writeFile(path.join(files, file), text);
      await chmod(path.join(files, file), 0o644);
    }
  }
  await runEach(server.superuser(), [
    `ALTER SYSTEM SET extension_control_path = '${folder}:$system'`,
    'SELECT pg_reload_conf()',
  ]);
}
