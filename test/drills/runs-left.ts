import { isAlive } from 'process-kit/identity';
import { knownRuns } from '../../local/runs.ts';

/**
 * Remembers the runs of now. The function that it returns tells which came since, ended and left something: a process, a folder or
 * a record. Runs of other programs that go on meanwhile do not count.
 */
export async function watchRuns(): Promise<() => Promise<string[]>> {
  const before = new Set((await knownRuns()).map(({ id }) => id));
  return async () => {
    const since = (await knownRuns()).filter(({ id }) => !before.has(id));
    const alive = await Promise.all(since.map(({ owner }) => isAlive(owner)));
    return since.filter((_, index) => !alive[index]).map(({ folder }) => folder);
  };
}
