import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { writeServerFile } from '../ownership.ts';

/** Beside the segments: until when nothing was written after the last one. */
const FILE = 'quiet-until';

/**
 * Until when an archive is complete although its segments end earlier, because nothing was written since. Null where that was never
 * said.
 */
export async function readQuiet(archive: string): Promise<Date | null> {
  const text = await readFile(path.join(archive, FILE), 'utf8').catch(() => '');
  const at = new Date(text.trim());
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Says that all that was written until then is in the archive. */
export async function writeQuiet(archive: string, until: Date): Promise<void> {
  const draft = path.join(archive, `${FILE}.new`);
  await writeServerFile(draft, until.toISOString());
  await rename(draft, path.join(archive, FILE));
}
