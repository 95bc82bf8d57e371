import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { identify, type ProcessIdentity } from '../identity.ts';
import { killGroupNow } from '../kill.ts';
import { isReachableByOthers } from '../reachable.ts';
import { type LoggedOptions, type LoggedProcess, spawnLogged } from '../spawn-logged.ts';
import { type RunRecord, readRecords, removeRecord, writeRecord } from './record.ts';
import { sweepDeadRuns } from './sweep.ts';

/** One start of something that runs on this machine: a folder, the processes in it, and the order in which they end. */
export interface Run {
  readonly id: string;
  readonly folder: string;
  /**
   * Starts a program that does not outlive the run; its log lies in the run's folder. Its command line or its working
   * folder must name that folder, or a later sweep does not dare to kill it.
   */
  spawn(
    command: string,
    args: readonly string[],
    log: string,
    options: LoggedOptions,
  ): Promise<LoggedProcess>;
  /** Undone on stop, last one first. */
  onStop(undo: () => Promise<void>): void;
  /**
   * Leaves the folder, with its logs, to be looked at for a day after the stop. Nothing once the run is stopping: what fails
   * then has failed because of that.
   */
  keepFolder(): void;
  /** Calls back for each program that dies. Its log stays: the folder is kept, as by `keepFolder`. */
  onDeath(listener: (death: Death) => void): void;
  /** Stops everything and removes the folder; asked twice, it is done once. */
  stop(): Promise<void>;
}

/** A program of a run that ended by itself, with an error or by a signal from elsewhere. */
export interface Death {
  /** The name of its log without the ending: `ministack`. */
  readonly part: string;
  readonly reason: string;
  readonly logFile: string;
}

/** The run was stopped, by a signal for instance, while it was still starting. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';

  constructor(id: string, command: string) {
    super(`Run ${id} was stopped before ${path.basename(command)} could start in it.`);
  }
}

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, and a socket adds a name to the folder. */
const longestFolder = 76;

const dayMs = 86_400_000;

/**
 * Sweeps after dead runs, then opens a new one. It ends with its process: in order on SIGINT and SIGTERM, at once on
 * an uncaught error, and by the next start's sweep when the process was killed.
 *
 * @param runsFolder where runs leave their records, and their folders where that is possible
 * @param name begins the name of a run's folder in the system's temporary folder
 */
export async function startRun({ runsFolder, name }: { runsFolder: string; name: string }): Promise<Run> {
  await mkdir(runsFolder, { recursive: true });
  await sweepDeadRuns(runsFolder);

  const id = randomBytes(4).toString('hex');
  const owner = await ownIdentity();
  const folder = await placeFor(id, runsFolder, name);
  const children = new Set<ProcessIdentity>();
  const undos: (() => Promise<void>)[] = [];
  const mourners: ((death: Death) => void)[] = [];
  let stopping: Promise<void> | undefined;
  let keep = false;
  let recording = Promise.resolve();

  /** One at a time: two writes of the same record would take each other's draft. */
  function record(more: Pick<RunRecord, 'keptUntil'> = {}): Promise<void> {
    recording = recording.then(() =>
      writeRecord(runsFolder, { id, owner, folder, children: [...children], ...more }),
    );
    return recording;
  }

  async function stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      await undo().catch((error: unknown) => failures.push(error));
    }
    release();
    if (failures.length > 0)
      throw new AggregateError(failures, `Run ${id} did not stop cleanly; see ${folder}`);
    if (keep) return record({ keptUntil: new Date(Date.now() + dayMs).toISOString() });
    await recording;
    await rm(folder, removal);
    await removeRecord(runsFolder, id);
  }

  function stop(): Promise<void> {
    stopping ??= stopAll();
    return stopping;
  }

  const release = stopWithProcess(stop, () => {
    for (const { pid } of children) killGroupNow(pid);
    if (!keep) for (const left of [folder, path.join(runsFolder, id)]) rmSync(left, removal);
  });
  await record();
  // 0711: a server's own user must pass through, and other users need not list it.
  await mkdir(folder, { recursive: true, mode: 0o711 });

  /** A program that was killed on purpose, or did its work, has not died. */
  function watch(started: LoggedProcess, log: string): LoggedProcess {
    let asked = false;
    void started.ended.then(({ code, reason }) => {
      if (asked || stopping !== undefined || code === 0) return;
      keep = true;
      const death = { part: path.parse(log).name, reason, logFile: started.logFile };
      for (const mourn of mourners) mourn(death);
    });
    return {
      ...started,
      kill() {
        asked = true;
        return started.kill();
      },
    };
  }

  return {
    id,
    folder,
    stop,
    onDeath: (listener) => void mourners.push(listener),
    onStop: (undo) => void undos.push(undo),
    keepFolder() {
      keep ||= stopping === undefined;
    },
    async spawn(command, args, log, options) {
      const started = watch(await spawnLogged(command, args, path.join(folder, log), options), log);
      if (stopping) {
        await started.kill();
        throw new RunStopped(id, command);
      }
      undos.push(() => started.kill());
      const identity = started.pid === undefined ? undefined : await identify(started.pid);
      if (!identity) return started; // ended already, or never began: `ended` says why
      children.add(identity);
      await record();
      void started.ended.then(() => children.delete(identity));
      return started;
    },
  };
}

/** The runs that left a record: those that run, those that are kept, and those that were not swept yet. */
export const knownRuns = (runsFolder: string) => readRecords(runsFolder);

async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await identify(process.pid);
  if (!own) throw new Error(`Process ${process.pid} could not read its own start time from the system.`);
  return own;
}

async function placeFor(id: string, runsFolder: string, name: string): Promise<string> {
  const beside = path.join(runsFolder, id);
  const asRoot = process.getuid?.() === 0;
  const fits = beside.length <= longestFolder && (!asRoot || (await isReachableByOthers(runsFolder)));
  return fits ? beside : path.join(os.tmpdir(), `${name}-${id}`);
}

/** The last PostgreSQL backend may still be writing. */
const removal = { recursive: true, force: true, maxRetries: 5 } as const;

/** On a signal all is stopped in order; on an uncaught error or `process.exit` what can be done at once is done. */
function stopWithProcess(stop: () => Promise<void>, stopNow: () => void): () => void {
  const onSignal = (name: NodeJS.Signals) => {
    // Released by then, so the signal ends this process as if it had not been handled.
    void stop().finally(() => process.kill(process.pid, name));
  };
  // SIGHUP: the terminal was closed. Without a listener it would end this process and leave its children.
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal).on('exit', stopNow);
  return () =>
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal).off('exit', stopNow);
}
