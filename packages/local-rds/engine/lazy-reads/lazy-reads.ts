import { access, copyFile, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { give } from '../ownership.ts';

/** How slowly the blocks of a restored cluster come. */
export interface LazyReads {
  /** What the first read of each 512 KiB of a table or an index waits. */
  readonly delayMs: number;
  /** When the rest has been loaded in the background, and nothing waits any more. */
  readonly until: Date;
}

/** There is no library for this machine that could make reads lazy. */
export class LazyReadsNotSupported extends Error {
  override readonly name = 'LazyReadsNotSupported';

  constructor() {
    super(
      `Lazy reads cannot be rehearsed on ${process.platform} ${process.arch}. Expected: Linux on x64 or arm64. ` +
        'Build lazy-reads.c for this machine, or rehearse on another one.',
    );
  }
}

/** Where the servers' user can load it from; undefined on machines that have none. */
export async function installLazyReads(folder: string): Promise<string | undefined> {
  const library = path.join(import.meta.dirname, `lazy-reads.${process.platform}-${process.arch}.so`);
  const there = await access(library).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const installed = path.join(folder, 'lazy-reads.so');
  // Never written in place: a server may have it loaded.
  await copyFile(library, `${installed}.new`);
  await rename(`${installed}.new`, installed);
  return installed;
}

/** `struct disk` of lazy-reads.c: two numbers of eight bytes, then a bit for each block. */
const HEADER = 16;
const BITS = 131_072;

/** Must be there before the server starts, which looks at it from then on. It starts with all blocks there. */
export async function makeLazyReadsSwitch(clusterFolder: string): Promise<void> {
  const file = await open(switchOf(clusterFolder), 'a+', 0o600);
  try {
    await file.truncate(HEADER + BITS); // what was read before a restart stays read
  } finally {
    await file.close();
  }
  await give(switchOf(clusterFolder));
  await write(clusterFolder, Buffer.alloc(HEADER));
}

/** In effect at once, for all processes of the server. `fresh`: no block has been read yet. */
export async function setLazyReads(
  clusterFolder: string,
  lazy: LazyReads | null,
  { fresh }: { fresh: boolean },
): Promise<void> {
  const header = Buffer.alloc(HEADER);
  if (lazy) {
    header.writeBigUInt64LE(BigInt(lazy.until.getTime()), 0);
    header.writeBigUInt64LE(BigInt(Math.round(lazy.delayMs * 1000)), 8);
  }
  await write(clusterFolder, fresh ? Buffer.concat([header, Buffer.alloc(BITS)]) : header);
}

async function write(clusterFolder: string, bytes: Buffer): Promise<void> {
  const file = await open(switchOf(clusterFolder), 'r+');
  try {
    await file.write(bytes, 0, bytes.length, 0);
  } finally {
    await file.close();
  }
}

const switchOf = (clusterFolder: string) => path.join(clusterFolder, 'lazy-reads');
