import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from '../../../identity.ts';
import { isReachableByOthers } from '../../../reachable.ts';
import { type RunRecord, readRecords, writeRecord } from '../../../runs/record.ts';
import { type Death, startRun } from '../../../runs/start-run.ts';
import { sweepDeadRuns } from '../../../runs/sweep.ts';
import { lastLines } from '../../../spawn-logged.ts';

let runsFolder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  runsFolder = await mkdtemp(path.join(os.tmpdir(), 'lb-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(runsFolder, { recursive: true, force: true });
});

/** A process that waits to be killed and names the folder on its command line. */
async function idle(folder: string): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, [
    '-e',
    'process.stdout.write("up"); setInterval(() => {}, 1e6)',
    folder,
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  return known(child.pid);
}

async function known(pid: number | undefined): Promise<ProcessIdentity> {
  const identity = await identify(pid ?? 0);
  if (!identity) throw new Error(`process ${pid} is not there`);
  return identity;
}

/** Nobody: this process's number with another start. */
const reused = async (): Promise<ProcessIdentity> => ({ ...(await known(process.pid)), startedAt: '1' });

async function leftBehind(
  owner: ProcessIdentity,
  child: ProcessIdentity | undefined,
  more: Partial<RunRecord> = {},
) {
  const folder = path.join(runsFolder, 'r1');
  await mkdir(folder);
  await writeRecord(runsFolder, { id: 'r1', owner, folder, children: child ? [child] : [], ...more });
  return folder;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe('sweeping', () => {
  test('kills the children of a dead owner and removes its folder and record', async () => {
    const child = await idle(path.join(runsFolder, 'r1'));
    const folder = await leftBehind(await reused(), child);
    expect((await sweepDeadRuns(runsFolder)).map(({ id }) => id)).toEqual(['r1']);
    expect(await isAlive(child)).toBe(false);
    expect(await exists(folder)).toBe(false);
    expect(await readRecords(runsFolder)).toEqual([]);
  });

  test('leaves a run alone whose owner lives', async () => {
    const child = await idle(path.join(runsFolder, 'r1'));
    const folder = await leftBehind(await known(process.pid), child);
    expect(await sweepDeadRuns(runsFolder)).toEqual([]);
    expect(await isAlive(child)).toBe(true);
    expect(await exists(folder)).toBe(true);
  });

  test('spares a process that has a recorded number but started at another time', async () => {
    const child = await idle(path.join(runsFolder, 'r1'));
    await leftBehind(await reused(), { ...child, startedAt: '1' });
    await sweepDeadRuns(runsFolder);
    expect(await isAlive(child)).toBe(true);
  });

  test('spares a process whose command line does not name the folder', async () => {
    const child = await idle('/somewhere/else');
    await leftBehind(await reused(), child);
    await sweepDeadRuns(runsFolder);
    expect(await isAlive(child)).toBe(true);
  });

  test('removes a folder that lies elsewhere', async () => {
    const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'kit-'));
    await leftBehind(await reused(), undefined, { folder: elsewhere });
    await sweepDeadRuns(runsFolder);
    expect(await exists(elsewhere)).toBe(false);
  });

  test('leaves a kept folder until its time is up, though its owner is dead', async () => {
    const folder = await leftBehind(await reused(), undefined, { keptUntil: '2026-01-02T00:00:00.000Z' });
    await sweepDeadRuns(runsFolder, new Date('2026-01-01T23:59:59Z'));
    expect(await exists(folder)).toBe(true);
    await sweepDeadRuns(runsFolder, new Date('2026-01-02T00:00:00Z'));
    expect(await exists(folder)).toBe(false);
  });
});

describe('a run', () => {
  test('undoes in the opposite order and leaves no folder', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    const undone: string[] = [];
    run.onStop(async () => void undone.push('first'));
    run.onStop(async () => void undone.push('second'));
    await run.stop();
    expect(undone).toEqual(['second', 'first']);
    expect(await exists(run.folder)).toBe(false);
    expect(await readRecords(runsFolder)).toEqual([]);
  });

  test('undoes the rest when one undo fails, and tells of the failure', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    let undone = false;
    run.onStop(async () => {
      undone = true;
    });
    run.onStop(async () => {
      throw new Error('it would not stop');
    });
    await expect(run.stop()).rejects.toThrow(/did not stop cleanly/);
    expect(undone).toBe(true);
    await rm(run.folder, { recursive: true });
  });

  test('says so when a program is not there', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    const { ended } = await run.spawn('/no/such/program', [], 'none.log', { env: {} });
    expect((await ended).reason).toContain('ENOENT');
    await run.stop();
  });

  test('starts nothing more once it is stopping', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    const starting = run.spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], 'late.log', {
      env: {},
    });
    const stopped = run.stop();
    await expect(starting).rejects.toThrow(/was stopped before node could start/);
    await stopped;
  });

  test('takes along what a program started, when the program itself is killed', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    const parent = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
      console.log(child.pid);
      setInterval(() => {}, 1e6)`;
    const program = await run.spawn(process.execPath, ['-e', parent], 'parent.log', {
      env: {},
      cwd: run.folder,
    });
    let text = '';
    while (!text.endsWith('\n')) text = await readFile(program.logFile, 'utf8');
    const child = await known(Number(text));
    process.kill(program.pid ?? 0, 'SIGKILL');
    await program.ended;
    while (await isAlive(child));
    await run.stop();
  });

  test('keeps no folder for an error that its own stop has caused', async () => {
    const run = await startRun({ runsFolder, name: 'kit' });
    run.onStop(() => new Promise((resolve) => setImmediate(resolve)));
    const stopped = run.stop();
    run.keepFolder();
    await stopped;
    expect(await exists(run.folder)).toBe(false);
    expect(await readRecords(runsFolder)).toEqual([]);
  });

  test('has a folder in the temporary folder where its path would be too long for a socket', async () => {
    const deep = path.join(runsFolder, 'd'.repeat(80));
    const run = await startRun({ runsFolder: deep, name: 'kit' });
    expect(run.folder.startsWith(path.join(os.tmpdir(), 'kit-'))).toBe(true);
    await run.stop();
    expect(await exists(run.folder)).toBe(false);
  });
});

test('a folder beneath a private one is not reachable by others', async () => {
  const inside = path.join(runsFolder, 'inside'); // mkdtemp makes its folder private
  await mkdir(inside, { mode: 0o755 });
  expect(await isReachableByOthers(inside)).toBe(false);
  expect(await isReachableByOthers('/')).toBe(true);
});

describe('a program of a run that dies', () => {
  const program = (code: string, log: string) =>
    [process.execPath, ['-e', code], log, { env: { PATH: process.env.PATH } }] as const;

  test('is told, with its reason; its log and the folder stay', async () => {
    const run = await startRun({ runsFolder, name: 'lb' });
    const deaths: Death[] = [];
    run.onDeath((death) => deaths.push(death));
    const started = await run.spawn(...program('console.log("last words"); process.exit(7)', 'part.log'));
    await started.ended;
    expect(deaths).toEqual([{ part: 'part', reason: 'exit code 7', logFile: started.logFile }]);
    await run.stop();
    expect(await lastLines(started.logFile)).toBe('last words');
    await rm(run.folder, { recursive: true });
  });

  test('by a signal from elsewhere is told as well', async () => {
    const run = await startRun({ runsFolder, name: 'lb' });
    const deaths: Death[] = [];
    run.onDeath((death) => deaths.push(death));
    const started = await run.spawn(...program('setInterval(() => {}, 1e6)', 'part.log'));
    process.kill(started.pid ?? 0, 'SIGKILL');
    await started.ended;
    expect(deaths).toMatchObject([{ reason: 'signal SIGKILL' }]);
    await run.stop();
    await rm(run.folder, { recursive: true });
  });

  test('on purpose, or after its work, has not died, and leaves nothing', async () => {
    const run = await startRun({ runsFolder, name: 'lb' });
    const deaths: Death[] = [];
    run.onDeath((death) => deaths.push(death));
    const killed = await run.spawn(...program('setInterval(() => {}, 1e6)', 'killed.log'));
    await killed.kill();
    await (await run.spawn(...program('', 'done.log'))).ended;
    await run.spawn(...program('setInterval(() => {}, 1e6)', 'stopped.log'));
    await run.stop();
    expect(deaths).toEqual([]);
    await expect(access(run.folder)).rejects.toThrow('ENOENT');
  });

  test('has the end of its log in the message, however long the log is', async () => {
    const log = path.join(runsFolder, 'long.log');
    await writeFile(log, `${'x'.repeat(1_000)}\n`.repeat(20_000).concat('the end\n'));
    const end = await lastLines(log, 3);
    expect(end.split('\n')).toHaveLength(3);
    expect(end.endsWith('\nthe end')).toBe(true);
  });
});
