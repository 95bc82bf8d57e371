import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildOnce } from '../../build-once.ts';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'build-once-'));
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const write = (text: string) => (building: string) => writeFile(path.join(building, 'text'), text);
const text = (folder: string) => readFile(path.join(folder, 'text'), 'utf8');

test('a folder that is complete is not built again', async () => {
  const folder = await buildOnce(path.join(parent, 'it'), write('first'));
  await buildOnce(folder, write('second'));
  expect(await text(folder)).toBe('first');
});

test('two builds at once end in one folder and leave nothing else', async () => {
  const folder = path.join(parent, 'it');
  const all = await Promise.all(['a', 'b', 'c'].map((each) => buildOnce(folder, write(each))));
  expect(new Set(all)).toEqual(new Set([folder]));
  expect(await text(folder)).toMatch(/^[abc]$/);
  expect(await readdir(parent)).toEqual(['it']);
});

test('a build that fails leaves nothing that a later one would use', async () => {
  const folder = path.join(parent, 'it');
  await expect(
    buildOnce(folder, async (building) => {
      await write('half')(building);
      throw new Error('the network went away');
    }),
  ).rejects.toThrow('the network went away');
  expect(await readdir(parent)).toEqual([]);
  await buildOnce(folder, write('whole'));
  expect(await text(folder)).toBe('whole');
});

test('a folder without its mark is replaced', async () => {
  const folder = path.join(parent, 'it');
  await buildOnce(folder, write('old'));
  await rm(path.join(folder, 'complete'));
  await buildOnce(folder, write('new'));
  expect(await text(folder)).toBe('new');
});
