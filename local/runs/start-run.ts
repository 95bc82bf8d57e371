import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { workFolder } from '../folders.ts';
import { identify, type ProcessIdentity } from '../processes/identity.ts';
import { killGroupNow } from '../processes/kill.ts';
import { isReachableByOthers } from './reachable.ts';
import { type RunRecord, readRecords, removeRecord, writeRecord } from './record.ts';
import { sweepDeadRuns } from './sweep.ts';

/** One start of the local AWS: a folder, the processes in it, and the order in which they end. */
export interface Run {
  readonly id: string;
  readonly folder: string;
  /** Notes a child that must not outlive the run. It leads its own process group (`detached: true`). */
  adopt(child: ChildProcess): Promise<void>;
  /** Undone on stop, last one first. */
  onStop(undo: () => Promise<void>): void;
  /** Leaves the folder, with its logs, to be looked at for a day after the stop. */
  keepFolder(): void;
  /** Stops everything and removes the folder; asked twice, it is done once. */
  stop(): Promise<void>;
}

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, and PostgreSQL and MiniStack add a name to the folder. */
const longestFolder = 76;

const dayMs = 86_400_000;

/**
 * Sweeps after dead runs, then opens a new one. Stops it by itself on SIGINT and SIGTERM; a killed owner is swept
 * by the next start.
 */
export async function startRun({ runsFolder = path.join(workFolder, 'runs') } = {}): Promise<Run> {
  await mkdir(runsFolder, { recursive: true });
  await sweepDeadRuns(runsFolder);

  const id = randomBytes(4).toString('hex');
  const owner = await identify(process.pid);
  if (!owner) throw new Error(`Process ${process.pid} could not read its own start time from the system.`);
  const folder = await placeFor(id, runsFolder);
  const children: ProcessIdentity[] = [];
  const record = (more: Pick<RunRecord, 'keptUntil'> = {}) =>
    writeRecord(runsFolder, { id, owner, folder, children: [...children], ...more });
  await record();
  // 0711: the user that PostgreSQL runs as must pass through, and nobody needs to look around.
  await mkdir(folder, { recursive: true, mode: 0o711 });

  const undos: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  let keep = false;
  let writing = Promise.resolve();

  async function stopAll() {
    const failures: unknown[] = [];
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      await undo().catch((error: unknown) => failures.push(error));
    }
    release();
    if (failures.length > 0)
      throw new AggregateError(failures, `Run ${id} did not stop cleanly; see ${folder}`);
    if (keep) return record({ keptUntil: new Date(Date.now() + dayMs).toISOString() });
    await rm(folder, { recursive: true, force: true });
    await removeRecord(runsFolder, id);
  }

  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  const release = stopWithProcess(stop, () => {
    for (const { pid } of children) killGroupNow(pid);
    if (!keep) for (const left of [folder, path.join(runsFolder, id)]) rmSync(left, removal);
  });

  return {
    id,
    folder,
    onStop(undo) {
      undos.push(undo);
      // Registered while a signal is stopping the run: whatever was started must end too.
      if (stopping) void undos.pop()?.();
    },
    keepFolder() {
      keep = true;
    },
    stop,
    async adopt(child) {
      const identity = child.pid === undefined ? undefined : await identify(child.pid);
      if (!identity) return; // it never started or is gone already: its starter reports why
      children.push(identity);
      writing = writing.then(() => record());
      await writing;
    },
  };
}

/** The runs whose owner left a record, this one included. */
export const knownRuns = (runsFolder = path.join(workFolder, 'runs')) => readRecords(runsFolder);

async function placeFor(id: string, runsFolder: string): Promise<string> {
  const beside = path.join(runsFolder, id);
  const asRoot = process.getuid?.() === 0;
  const fits = beside.length <= longestFolder && (!asRoot || (await isReachableByOthers(runsFolder)));
  return fits ? beside : path.join(os.tmpdir(), `lifeboat-${id}`);
}

/** The last PostgreSQL backend may still be writing. */
const removal = { recursive: true, force: true, maxRetries: 5 } as const;

/** On a signal all is stopped in order; on an uncaught error or `process.exit` what can be done at once is done. */
function stopWithProcess(stop: () => Promise<void>, stopNow: () => void): () => void {
  const onSignal = (name: NodeJS.Signals) => {
    void stop().finally(() => process.kill(process.pid, name)); // released by then: the signal ends us as usual
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('exit', stopNow);
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('exit', stopNow);
}
