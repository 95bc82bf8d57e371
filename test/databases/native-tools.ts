import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Connection } from 'local-postgres/access';
import { type Major, postgresRelease } from 'local-postgres/release';

const run = promisify(execFile);

/** PostgreSQL's own programs of one version, on any connection: what Lifeboat is compared with. */
export interface NativeTools {
  /** Runs a file of SQL as `psql` does, and stops at the first mistake. */
  psql(where: Connection, file: string): Promise<void>;
  pgDump(where: Connection, options: readonly string[]): Promise<string>;
}

export async function nativeTools(major: Major): Promise<NativeTools> {
  const folder = path.join(await postgresRelease(major), 'bin');
  const execute = async (
    program: string,
    { host, port, user, password, database }: Connection,
    args: readonly string[],
  ) => {
    const env = {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: 'require',
    };
    const { stdout } = await run(path.join(folder, program), args, { env, maxBuffer: 2 ** 28 });
    return stdout;
  };
  return {
    async psql(where, file) {
      await execute('psql', where, ['--no-psqlrc', '--quiet', '-v', 'ON_ERROR_STOP=1', '-f', file]);
    },
    pgDump: (where, options) => execute('pg_dump', where, options),
  };
}
