import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { eachOf } from '../backup/copy-tree.ts';
import { cloneFile, give } from '../ownership.ts';
import { readQuiet, writeQuiet } from './quiet.ts';

/** What an archive keeps: segments, their unfinished last one on an old timeline, the history of timelines. */
const KEPT = /^(?:[0-9A-F]{24}(?:\.partial)?|[0-9A-F]{8}\.history)$/;

/** Adds what the copy lacks, the oldest first, so that the copy has no gap at any moment either. */
export async function copyArchive(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await give(to);
  const there = new Set(await readdir(to));
  // Read before the segments are listed: every segment that it speaks of is among them then.
  const quiet = await readQuiet(from);
  const missing = (await readdir(from)).filter((name) => KEPT.test(name) && !there.has(name)).sort();
  for (const name of missing) await copyWhole(path.join(from, name), path.join(to, name));
  if (quiet) await writeQuiet(to, quiet);
}

/** A hard link where it can be: neither of the two is ever written to again. */
export async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (
      !['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'].includes(
        String((error as NodeJS.ErrnoException).code),
      )
    )
      throw error;
    const draft = `${to}.new`;
    await cloneFile(from, draft);
    await give(draft);
    await rename(draft, to);
  }
}

/** What PostgreSQL's archiver leaves when it is killed while it writes a segment; it begins that one again. */
export async function removeDrafts(archive: string): Promise<void> {
  const drafts = (await readdir(archive)).filter(
    (name) => name.startsWith('archtemp.') || name.endsWith('.new'),
  );
  await eachOf(drafts, (name) => rm(path.join(archive, name), { force: true }));
}
