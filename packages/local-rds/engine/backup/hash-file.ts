import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/** Used again and again: a cluster has a thousand files, and the collector would come too late for as many pieces of memory. */
const idle: Buffer[] = [];

/** SHA-256, size and time of change of a file, in memory that does not depend on the size. */
export async function hashFile(
  file: string,
  signal?: AbortSignal,
): Promise<{ sha256: string; size: number; modified: Date }> {
  const hash = createHash('sha256');
  const chunk = idle.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
  const handle = await open(file);
  try {
    const { mtime: modified } = await handle.stat();
    for (let size = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(chunk, 0, CHUNK);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), size, modified };
      hash.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    idle.push(chunk);
    await handle.close();
  }
}
