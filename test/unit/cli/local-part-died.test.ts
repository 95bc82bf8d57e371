import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawnLogged } from 'process-kit/spawn-logged';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../../cli/explain.ts';
import { whileAllLive } from '../../../cli/local-aws.ts';
import type { Death } from '../../../local/runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'part-died-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a part of the local AWS that ends by itself ends the work, with the last lines of its log', async () => {
  const logFile = path.join(folder, 'queue.log');
  const words = 'for n in $(seq 1 50); do echo "line $n"; done; echo "panic: the disk is gone" >&2; exit 7';
  const part = await spawnLogged('/bin/sh', ['-c', words], logFile, { cwd: folder, env: {} });
  const aws = {
    onDeath: (tell: (death: Death) => void) =>
      void part.ended.then(({ reason }) => tell({ part: 'queue', reason, logFile } as Death)),
  };
  const error: Error = await whileAllLive(aws, () => new Promise<never>(() => {})).catch((died) => died);
  expect(error.name).toBe('LocalPartDied');
  const { message, exitCode } = explain(error, {});
  expect(message).toMatch(
    /^"queue" of the local AWS ended by itself: .*7.*\. Its log, .*queue\.log, ends:\n/,
  );
  expect(message).toMatch(/line 50\npanic: the disk is gone\s*$/);
  expect(message).not.toContain('line 10\n');
  expect(exitCode).toBe(3);
});
