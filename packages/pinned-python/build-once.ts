import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const unfinished = 'building-';
const hourMs = 3_600_000;

/**
 * Returns `folder` once `build` has filled it, and builds it only if no earlier call did.
 *
 * Two calls at once each build a folder of their own, and the first to finish wins the name. A build that is killed
 * half-way leaves a folder that no later call uses. Nothing in a built folder may name the path it was built in.
 */
export async function buildOnce(folder: string, build: (building: string) => Promise<void>): Promise<string> {
  if (await exists(marker(folder))) return folder;

  const parent = path.dirname(folder);
  const building = path.join(
    parent,
    `${unfinished}${path.basename(folder)}-${randomBytes(4).toString('hex')}`,
  );
  await mkdir(building, { recursive: true });
  await removeAbandoned(parent);
  try {
    await build(building);
    await writeFile(marker(building), `${new Date().toISOString()}\n`);
    await publish(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}

/** What a build that was killed left: whatever is unfinished after an hour. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(unfinished));
  for (const folder of names.map((name) => path.join(parent, name))) {
    const started = await stat(folder).catch(() => undefined); // its owner may be removing it
    if (started && Date.now() - started.birthtimeMs > hourMs)
      await rm(folder, { recursive: true, force: true });
  }
}

/** The second of two builds keeps the folder of the first. A folder without its mark is a leftover and is replaced. */
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

const marker = (folder: string) => path.join(folder, 'complete');

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
