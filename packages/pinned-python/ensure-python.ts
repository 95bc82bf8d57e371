import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type FoundPython, findPython } from './find-python.ts';

const run = promisify(execFile);

const unfinished = 'building-python-';
const hourMs = 3_600_000;

/** pip could not install the pinned list. */
export class PythonInstallFailed extends Error {
  override readonly name = 'PythonInstallFailed';

  constructor(list: string, output: string, options: ErrorOptions) {
    super(
      `Could not install the Python packages of ${path.relative('', list)}. pip said:\n${output}\n` +
        'Expected: a package index reachable by pip (see "pip config list"). Start again when it is.',
      options,
    );
  }
}

/**
 * The interpreter of a virtual environment with exactly the pinned packages, made on first use.
 *
 * Two starts at once each build a folder of their own, and the first to finish wins the name. A start that is killed
 * half-way leaves a folder that no start uses. Scripts in `bin/` name the folder they were built in, so callers run
 * `python -m …`. Throws PythonUnusable, PythonInstallFailed.
 *
 * @param list a requirements file with the hash of every package
 * @param workFolder where environments live, one for each content of a list
 */
export async function ensurePython(
  list: string,
  workFolder: string,
  report: (detail: string) => void = () => {},
): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(list))
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(workFolder, `python-${digest}`);
  if (await exists(marker(folder))) return interpreter(folder);

  const python = await findPython();
  const building = path.join(workFolder, `${unfinished}${digest}-${randomBytes(4).toString('hex')}`);
  await mkdir(workFolder, { recursive: true });
  await removeAbandoned(workFolder);
  try {
    report(`installing ${path.basename(list)} for Python ${python.version}`);
    await install(python, list, building);
    await publish(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return interpreter(folder);
}

async function install(python: FoundPython, list: string, folder: string) {
  try {
    await run(python.path, ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await run(interpreter(folder), [...pip, '--require-hashes', '--only-binary=:all:', '-r', list]);
    await writeFile(marker(folder), `${new Date().toISOString()} ${python.version}\n`);
  } catch (error) {
    throw new PythonInstallFailed(list, outputOf(error), { cause: error });
  }
}

/** What an installation that was killed left: whatever is unfinished after an hour. */
async function removeAbandoned(workFolder: string): Promise<void> {
  const names = (await readdir(workFolder)).filter((name) => name.startsWith(unfinished));
  for (const folder of names.map((name) => path.join(workFolder, name))) {
    const started = await stat(folder).catch(() => undefined); // its owner may be removing it
    if (started && Date.now() - started.birthtimeMs > hourMs)
      await rm(folder, { recursive: true, force: true });
  }
}

/** The second of two starts keeps the folder of the first. A folder without its mark is a leftover and is replaced. */
async function publish(building: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await rename(building, folder);
    } catch (error) {
      if (await exists(marker(folder))) return;
      if (attempt === 2) throw error;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

const interpreter = (folder: string) => path.join(folder, 'bin', 'python');
const marker = (folder: string) => path.join(folder, 'complete');

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

function outputOf(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message?: string };
  return [stdout, stderr || message].filter(Boolean).join('\n').trim().split('\n').slice(-20).join('\n');
}
