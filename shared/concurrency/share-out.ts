import pLimit from 'p-limit';

/**
 * Gives each task to the next free worker, such as a connection. The first failure is thrown at once, and no task starts
 * after it.
 *
 * @param workers at least one; each has one task at a time
 * @throws what the first failing task threw, or the signal's reason
 */
export async function shareOut<Worker, Task>(
  workers: readonly Worker[],
  tasks: readonly Task[],
  signal: AbortSignal,
  perform: (worker: Worker, task: Task) => Promise<void>,
): Promise<void> {
  const free = [...workers];
  let failed = false;
  await pLimit(workers.length).map(tasks, async (task) => {
    if (failed) return;
    try {
      signal.throwIfAborted();
      const worker = free.pop() as Worker;
      await perform(worker, task);
      free.push(worker);
    } catch (error) {
      failed = true;
      throw error;
    }
  });
}
