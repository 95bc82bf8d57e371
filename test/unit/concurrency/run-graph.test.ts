import { describe, expect, test } from 'vitest';
import { type GraphTask, runGraph, TasksInACircle } from '../../../shared/concurrency/run-graph.ts';

type Task = GraphTask<string, string>;

const never = new AbortController().signal;
const task = (id: string, touches: Task['touches'], ...after: string[]): Task => ({ id, after, touches });
const index = (id: string, table: string, ...after: string[]) => task(id, { shared: [table] }, ...after);
const key = (id: string, table: string, ...after: string[]) => task(id, { exclusive: [table] }, ...after);

/** Runs tasks of one turn each, and tells in order which of them began, and beside which others. */
async function begun(workers: number, tasks: readonly Task[]): Promise<string[]> {
  const told: string[] = [];
  const running = new Set<string>();
  await runGraph(Array(workers).fill(null), tasks, never, async (_, { id }) => {
    told.push(running.size > 0 ? `${id} beside ${[...running].join(', ')}` : id);
    running.add(id);
    await new Promise((resolve) => setImmediate(resolve));
    running.delete(id);
  });
  return told;
}

describe('runGraph', () => {
  test('runs tasks that share a resource at the same time, as many as there are workers', async () => {
    const indexes = ['a', 'b', 'c'].map((id) => index(id, 'contacts'));
    expect(await begun(3, indexes)).toEqual(['a', 'b beside a', 'c beside a, b']);
    expect(await begun(2, indexes)).toEqual(['a', 'b beside a', 'c beside b']);
  });

  test('runs no task beside one that has its resource exclusively', async () => {
    expect(await begun(3, [key('a', 'contacts'), index('b', 'contacts'), key('c', 'notes')])).toEqual([
      'a',
      'c beside a',
      'b beside c',
    ]);
    expect(await begun(3, [index('a', 'contacts'), key('b', 'contacts')])).toEqual(['a', 'b']);
  });

  test('begins a task once all that it waits for has ended', async () => {
    const tasks = [index('c', 'notes', 'a', 'b'), index('b', 'events', 'a'), index('a', 'contacts')];
    expect(await begun(3, tasks)).toEqual(['a', 'b', 'c']);
  });

  test('takes a task that is not there for ended', async () => {
    expect(await begun(1, [index('a', 'contacts', 'of an earlier phase')])).toEqual(['a']);
  });

  test('runs a task alone once nothing else can begin', async () => {
    const tasks = [task('alone', 'alone'), index('a', 'x'), index('b', 'x'), index('after', 'x', 'alone')];
    expect(await begun(4, tasks)).toEqual(['a', 'b beside a', 'alone', 'after']);
  });

  test('throws the first failure, and starts nothing after it', async () => {
    const started: string[] = [];
    const graph = runGraph(
      [1, 2],
      [key('a', 'x'), key('b', 'y'), key('c', 'z')],
      never,
      async (_, { id }) => {
        started.push(id);
        throw new RangeError(id);
      },
    );
    await expect(graph).rejects.toThrow(new RangeError('a'));
    expect(started).toEqual(['a', 'b']);
  });

  test('throws the reason of its signal', async () => {
    const deadline = new AbortController();
    const graph = runGraph([1], [key('a', 'x'), key('b', 'x')], deadline.signal, async () =>
      deadline.abort(new RangeError('out of time')),
    );
    await expect(graph).rejects.toThrow('out of time');
  });

  test('refuses tasks that wait for each other', async () => {
    await expect(begun(1, [index('a', 'x', 'b'), index('b', 'x', 'a')])).rejects.toThrow(TasksInACircle);
  });
});
