import { LifeboatError } from '../errors/lifeboat-error.ts';
/** What a task touches while it runs. `alone`: nothing else runs at the same time. */
export type Touches<Resource> =
  | 'alone'
  | { readonly shared?: readonly Resource[]; readonly exclusive?: readonly Resource[] };

export interface GraphTask<Id, Resource> {
  readonly id: Id;
  /** Tasks that must end before it begins. Ids of no task here count as ended. */
  readonly after: readonly Id[];
  readonly touches: Touches<Resource>;
}

/** Tasks wait for each other in a circle, so none of them can begin. */
export class TasksInACircle extends LifeboatError {
  override readonly name = 'TasksInACircle';
  override readonly kind = 'unsupported';
}

/**
 * Runs tasks on workers, as many at a time as their order and their resources allow. A resource is touched by any number of
 * tasks that share it, or by a single one that has it exclusively. Tasks that run alone wait until no other task can begin.
 *
 * @param workers at least one, such as connections; each has one task at a time
 * @throws what the first failing task threw, or the signal's reason; no task starts after it
 * @throws TasksInACircle
 */
export async function runGraph<Worker, Id, Resource, Task extends GraphTask<Id, Resource>>(
  workers: readonly Worker[],
  tasks: readonly Task[],
  signal: AbortSignal,
  perform: (worker: Worker, task: Task) => Promise<void>,
): Promise<void> {
  const free = [...workers];
  const unfinished = new Set(tasks.map(({ id }) => id));
  const running = new Map<Task, Promise<Task>>();
  const together = new Set(tasks.filter(({ touches }) => touches !== 'alone'));
  const alone = new Set(tasks.filter(({ touches }) => touches === 'alone'));

  const isReady = ({ after }: Task): boolean => !after.some((id) => unfinished.has(id));
  const collidesWithNone = ({ touches }: Task): boolean =>
    [...running.keys()].every((other) => !collide(touches, other.touches));
  /** First what can run beside other tasks, then one that must run alone. */
  const next = (): Task | undefined => {
    if (free.length === 0) return undefined;
    for (const task of together) if (isReady(task) && collidesWithNone(task)) return task;
    if (running.size === 0) for (const task of alone) if (isReady(task)) return task;
    return undefined;
  };
  const begin = (task: Task): void => {
    const worker = free.pop() as Worker;
    together.delete(task);
    alone.delete(task);
    const ended = perform(worker, task).then(() => {
      free.push(worker);
      return task;
    });
    // The first failure is thrown below. A second one must not end the process.
    ended.catch(() => {});
    running.set(task, ended);
  };

  while (unfinished.size > 0) {
    signal.throwIfAborted();
    for (let task = next(); task; task = next()) begin(task);
    if (running.size === 0) throw new TasksInACircle(`${unfinished.size} tasks wait for each other`);
    const ended = await Promise.race(running.values());
    running.delete(ended);
    unfinished.delete(ended.id);
  }
}

function collide<Resource>(one: Touches<Resource>, other: Touches<Resource>): boolean {
  if (one === 'alone' || other === 'alone') return true;
  const all = ({ shared = [], exclusive = [] }: Exclude<Touches<Resource>, 'alone'>) => [
    ...shared,
    ...exclusive,
  ];
  return (
    (one.exclusive ?? []).some((resource) => all(other).includes(resource)) ||
    (other.exclusive ?? []).some((resource) => all(one).includes(resource))
  );
}
