import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { workingFolder } from 'process-kit/identity';
import { expect, test } from 'vitest';
import { projectFolder } from '../../local/folders.ts';
import { startRun } from '../../local/runs.ts';

/* The servers of RDS end with the run of the local AWS that they are a part of, however it ends. */

async function processesIn(folder: string): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(pids.map(workingFolder));
  return folders.filter((one) => one.startsWith(folder)).length;
}

async function startProgram(): Promise<{ child: ChildProcess; runFolder: string }> {
  const script = path.join(import.meta.dirname, 'support', 'local-aws-program.ts');
  const child = spawn(process.execPath, [script], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { runFolder } = JSON.parse((await lines.next()).value ?? '');
  expect(await processesIn(path.join(runFolder, 'rds'))).toBeGreaterThan(0);
  return { child, runFolder };
}

const gone = (folder: string) =>
  access(folder).then(
    () => false,
    () => true,
  );

test.runIf(process.platform === 'linux')(
  'a run that is interrupted leaves no server of RDS and no file',
  async () => {
    const { child, runFolder } = await startProgram();
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(await processesIn(runFolder)).toBe(0);
    expect(await gone(runFolder)).toBe(true);
  },
  60_000,
);

test.runIf(process.platform === 'linux')(
  'what a killed run left of RDS is ended and removed by the next start',
  async () => {
    const { child, runFolder } = await startProgram();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await processesIn(path.join(runFolder, 'rds'))).toBeGreaterThan(0);
    const next = await startRun();
    await next.stop();
    expect(await processesIn(runFolder)).toBe(0);
    expect(await gone(runFolder)).toBe(true);
  },
  60_000,
);
