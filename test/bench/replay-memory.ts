import { parseArgs } from 'node:util';
import { startReplayBench } from './replay.ts';

/**
 * Shows that the memory of a worker does not grow with the queue: few messages and very many, each by a worker in a process
 * of its own, by the most memory that the process ever had (RSS). The heap is kept small, because V8 would let garbage lie in
 * as much as it is given, and that would hide what a worker keeps of its messages.
 *
 *   node test/bench/replay-memory.ts --messages 100000
 */
const { values } = parseArgs({ options: { messages: { type: 'string', default: '100000' } } });
const sizes = [100, 1_000, Number(values.messages)];
/** Above this the memory depends on the queue. */
const FLAT = 1.15;
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=2'];
const AT_ONCE = 1_000;

const bench = await startReplayBench();
try {
  const peaks: number[] = [];
  for (const messages of sizes) {
    const { peakMiB, seconds } = await bench.empty('lifeboat', messages, bench.webhooks.fast, {
      atOnce: AT_ONCE,
      execArgv: SMALL_HEAP,
    });
    peaks.push(peakMiB);
    console.log(
      `${messages} messages: at most ${Math.round(peakMiB)} MiB of memory, ${seconds.toFixed(1)} s`,
    );
  }
  // A hundred do not even warm up the worker, so the thousand are compared with the many.
  const growth = (peaks.at(-1) ?? Number.NaN) / (peaks[1] ?? Number.NaN);
  console.log(`${sizes.at(-1)} messages instead of ${sizes[1]}: ${growth.toFixed(2)} times the memory`);
  if (!(growth <= FLAT)) process.exitCode = 1;
} finally {
  await bench.stop();
}
