import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';

const notShown = new Set(['.git', '.lifeboat', '.serverless', 'dist', 'node_modules']);

/**
 * A folder of this run that mirrors the service directory. osls packages into `.serverless` of its working folder.
 * `deploy` reads that folder whatever `--package` says, so two runs in one folder would deploy each other's template.
 *
 * Folders are links, and modules in them still find their packages. Files are copies, because osls does not accept a
 * linked `serverless.yml`. `dist` is omitted: the run bundles its own plan into a folder of that name.
 */
export async function serviceView(serviceDirectory: string, view: string): Promise<string> {
  await mkdir(view, { recursive: true });
  const entries = await readdir(serviceDirectory, { withFileTypes: true });
  const shown = entries.filter((entry) => !notShown.has(entry.name));
  await Promise.all(
    shown.map((entry) => {
      const [from, to] = [path.join(serviceDirectory, entry.name), path.join(view, entry.name)];
      return entry.isDirectory() ? symlink(from, to) : copyFile(from, to);
    }),
  );
  return view;
}
