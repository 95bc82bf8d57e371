import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeOwnership } from '../../../engine/owner.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rds-owner-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('of many that want one folder at once, in one process too, one has it and the others are told', async () => {
  const file = path.join(folder, 'owner.json');
  const wanted = await Promise.allSettled(
    Array.from({ length: 100 }, async (_, index) => {
      for (let turn = 0; turn < index; turn += 1) await setImmediate(); // all at different steps
      return takeOwnership(folder, file);
    }),
  );
  const refusals = wanted.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refusals.filter(({ name }) => name !== 'EngineInUse')).toEqual([]);
  expect(refusals).toHaveLength(99);
  expect(await readdir(folder)).toEqual(['owner.json']);

  for (const each of wanted) if (each.status === 'fulfilled') await each.value();
  await expect(takeOwnership(folder, file)).resolves.toBeTypeOf('function');
});
