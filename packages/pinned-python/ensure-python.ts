import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from './build-once.ts';
import { type FoundPython, findPython } from './find-python.ts';

const run = promisify(execFile);

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
 * Scripts in `bin/` name the folder they were built in, so callers run `python -m …`. Throws PythonUnusable,
 * PythonInstallFailed.
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
  const folder = await buildOnce(path.join(workFolder, `python-${digest}`), async (building) => {
    const python = await findPython();
    report(`installing ${path.basename(list)} for Python ${python.version}`);
    await install(python, list, building);
  });
  return interpreter(folder);
}

async function install(python: FoundPython, list: string, folder: string) {
  try {
    await run(python.path, ['-m', 'venv', folder]);
    await run(interpreter(folder), [...pip('install'), '-r', list]);
  } catch (error) {
    throw new PythonInstallFailed(list, outputOf(error), { cause: error });
  }
}

/** The arguments of `python` for a pip command that takes only wheels whose hash the list names. */
export const pip = (command: 'install' | 'download') => [
  ...['-m', 'pip', command, '--quiet', '--disable-pip-version-check', '--no-input'],
  ...['--require-hashes', '--only-binary=:all:'],
];

const interpreter = (folder: string) => path.join(folder, 'bin', 'python');

/** The last lines of what a command printed before it failed. */
export function outputOf(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message?: string };
  return [stdout, stderr || message].filter(Boolean).join('\n').trim().split('\n').slice(-20).join('\n');
}
