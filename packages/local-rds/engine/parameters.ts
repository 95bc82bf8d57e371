import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { serverUser } from 'local-postgres/server-user';
import type { AdminClient, Parameter } from './engine.ts';
import { RESERVED } from './settings.ts';

const run = promisify(execFile);

/** PostgreSQL does not take a parameter, or the engine keeps it for itself. */
export class ParameterRefused extends Error {
  override readonly name = 'ParameterRefused';

  constructor(reason: string) {
    super(
      `${reason}. Expected: a parameter that PostgreSQL 18 knows, with a value in its range. Nothing was changed.`,
    );
  }
}

/** All that PostgreSQL says about its parameters. */
export async function readParameters(client: AdminClient): Promise<Parameter[]> {
  const { rows } = await client.query(
    `SELECT name, boot_val AS default, unit, context, vartype AS type, min_val AS min, max_val AS max, enumvals AS values,
            short_desc AS description
     FROM pg_settings ORDER BY name COLLATE "C"`,
  );
  return (rows as Omit<Parameter, 'reserved'>[]).map((row) => ({ ...row, reserved: RESERVED.has(row.name) }));
}

/**
 * Lets PostgreSQL itself judge the values, all together and without a running server. Throws ParameterRefused with its words.
 */
export async function checkParameters(
  parameters: Readonly<Record<string, string>>,
  { binaries, dataFolder }: { binaries: string; dataFolder: string },
): Promise<void> {
  for (const name of Object.keys(parameters)) {
    if (RESERVED.has(name.toLowerCase()))
      throw new ParameterRefused(`The parameter "${name}" is set by the service itself`);
    // Anything else would be taken for another option, or another line of the file.
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name))
      throw new ParameterRefused(`"${name}" is not the name of a parameter`);
  }
  const asked = Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    // Prints one value and leaves; it reads and checks all of them before.
    await run(path.join(binaries, 'bin', 'postgres'), ['-D', dataFolder, '-C', 'max_connections', ...asked], {
      ...serverUser(),
      cwd: dataFolder,
      env: { LANG: 'C', PATH: process.env.PATH },
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const said = stderr?.match(/(?:FATAL|ERROR):\s+(.*)/)?.[1];
    if (said === undefined) throw error;
    throw new ParameterRefused(said);
  }
}
