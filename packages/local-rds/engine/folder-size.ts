import { stat } from 'node:fs/promises';
import path from 'node:path';
import { eachOf, listTree } from './backup/copy-tree.ts';

/** Bytes of the files below a folder; those that go meanwhile do not count. */
export async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  const { files } = await listTree(folder);
  await eachOf(files, async (file) => {
    bytes += (await stat(path.join(folder, file)).catch(() => ({ size: 0 }))).size;
  });
  return bytes;
}
