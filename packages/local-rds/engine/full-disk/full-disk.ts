import { access, copyFile, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What of a cluster's disk has no room left. */
export interface FullDisk {
  readonly storage: boolean;
  readonly archive: boolean;
}

/** There is no library for this machine that could make a disk look full. */
export class FullDiskNotSupported extends Error {
  override readonly name = 'FullDiskNotSupported';

  constructor() {
    super(
      `A full disk cannot be rehearsed on ${process.platform} ${process.arch}. Expected: Linux on x64 or arm64. ` +
        'Build full-disk.c for this machine, or rehearse on another one.',
    );
  }
}

/** Where the servers' user can load it from; undefined on machines that have none. */
export async function installFullDisk(folder: string): Promise<string | undefined> {
  const library = path.join(import.meta.dirname, `full-disk.${process.platform}-${process.arch}.so`);
  const there = await access(library).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const installed = path.join(folder, 'full-disk.so');
  // Never written in place: a server may have it loaded.
  await copyFile(library, `${installed}.new`);
  await rename(`${installed}.new`, installed);
  return installed;
}

/** Must be there before the server starts, which looks at it from then on. Its clients find the disk with room. */
export async function makeFullDiskSwitch(clusterFolder: string, full: FullDisk): Promise<void> {
  await writeFile(switchOf(clusterFolder), byteOf(full), { mode: 0o644 });
}

/** In effect at once, for all processes of the server. */
export async function setFullDisk(clusterFolder: string, full: FullDisk): Promise<void> {
  const file = await open(switchOf(clusterFolder), 'r+');
  try {
    await file.write(byteOf(full), 0, 1, 0);
  } finally {
    await file.close();
  }
}

const byteOf = ({ storage, archive }: FullDisk) => Buffer.of((storage ? 1 : 0) | (archive ? 2 : 0));

const switchOf = (clusterFolder: string) => path.join(clusterFolder, 'full-disk');
