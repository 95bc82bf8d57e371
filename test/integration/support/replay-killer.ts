import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from 'process-kit/identity';
import { signal } from 'process-kit/kill';
import { parents } from 'process-kit/parents';

const LOOK_EVERY_MS = 20;

/** Kills processes of a function as the work progresses. */
export interface Killer {
  /** Stops killing. @returns how many processes it killed */
  stop(): Promise<number>;
}

/**
 * Kills one process of a function, any of them, at each given amount of completed work.
 *
 * @param folder of the local AWS's run, in which MiniStack unpacks its functions
 * @param done how much work is completed
 * @param times the amounts at which to kill, in ascending order
 */
export function startKiller(
  { folder, functionName }: { folder: string; functionName: string },
  done: () => number,
  times: readonly number[],
): Killer {
  const waiting = [...times];
  let stopped = false;
  let killed = 0;
  const killing = (async () => {
    for (; !stopped && waiting.length > 0; await sleep(LOOK_EVERY_MS)) {
      const [next = 0] = waiting;
      if (done() < next) continue;
      const processes = await processesOf(folder, functionName);
      const victim = processes[randomInt(Math.max(1, processes.length))];
      if (victim === undefined || !signal(victim, 'SIGKILL')) continue; // no process now: kill the next one
      killed += 1;
      waiting.shift();
    }
  })();
  return {
    async stop() {
      stopped = true;
      await killing;
      return killed;
    },
  };
}

async function processesOf(folder: string, functionName: string): Promise<number[]> {
  const pids = [...(await parents()).keys()];
  const lines = await Promise.all(pids.map(commandLine));
  return pids.filter((_, index) => lines[index]?.includes(`${folder}/ministack-lambda-${functionName}-`));
}
