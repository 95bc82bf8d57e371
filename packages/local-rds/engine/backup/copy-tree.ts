import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { cloneFile, give, makeServerFolder } from '../ownership.ts';

/** More at once do not make it faster: the kernel copies, and Node has four threads to ask it. */
const AT_ONCE = 4;

/** Works on all items, a few at a time, and stops at the first failure or when the signal says so. */
export async function eachOf<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal | undefined,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      signal?.throwIfAborted();
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  // All have ended before this rejects, so that none writes into a folder that is then removed.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
}

/** Folders and files below a folder, each relative to it. One that goes while it is listed, as that of a slot or a database does, is empty. */
export async function listTree(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = [];
  const files: string[] = [];
  await list('');
  // Sorted: parents come before what is in them.
  return { folders: folders.sort(), files };

  async function list(at: string): Promise<void> {
    const entries = await readdir(path.join(folder, at), { withFileTypes: true }).catch((error) => {
      if (at === '' || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return [];
    });
    for (const entry of entries) {
      const name = path.join(at, entry.name);
      if (entry.isFile()) files.push(name);
      if (!entry.isDirectory()) continue;
      folders.push(name);
      await list(name);
    }
  }
}

/** Copies what is in a folder into one that exists; for the server's user when asked to. */
export async function copyTree(o: {
  from: string;
  to: string;
  forServer: boolean;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { folders, files } = await listTree(o.from);
  await makeFolders(o.to, folders, o.forServer);
  await eachOf(
    files,
    async (file) => {
      const target = path.join(o.to, file);
      await cloneFile(path.join(o.from, file), target);
      if (o.forServer) await give(target);
    },
    o.signal,
  );
}

export async function makeFolders(
  root: string,
  folders: readonly string[],
  forServer: boolean,
): Promise<void> {
  for (const folder of folders) {
    const at = path.join(root, folder);
    if (forServer) await makeServerFolder(at);
    else await mkdir(at, { recursive: true });
  }
}
