import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listTree } from '../../../engine/backup/copy-tree.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tree-'));
  await mkdir(path.join(folder, 'base', '1'), { recursive: true });
  await writeFile(path.join(folder, 'base', '1', '2601'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('parents come before what is in them', async () => {
  expect(await listTree(folder)).toEqual({ folders: ['base', 'base/1'], files: ['base/1/2601'] });
});

test('a folder that goes while it is listed is no failure', async () => {
  let over = false;
  const churn = async (who: string) => {
    for (let slot = 0; !over; slot += 1) {
      const at = path.join(folder, 'pg_replslot', `${who}_${slot}`);
      await mkdir(at, { recursive: true });
      await rm(at, { recursive: true });
    }
  };
  const churning = Promise.all(['a', 'b', 'c'].map(churn));
  for (let round = 0; round < 500; round += 1)
    expect((await listTree(folder)).files).toContain('base/1/2601');
  over = true;
  await churning;
});

test('a folder that is not there at all is one', async () => {
  await expect(listTree(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});
