import type { Random } from './random.ts';

/** One sequence of activity: the machine's own, a branch's or an iteration's. */
export interface Strand {
  readonly parent?: Strand;
}

interface Sleeper {
  readonly strand: Strand;
  readonly at: number;
  /** decides between sleepers that wake at the same moment, so the seed decides how branches interleave */
  readonly tie: number;
  readonly wake: () => void;
}

/**
 * Time passes only when every strand sleeps: it then jumps to the earliest sleeper's time and wakes it.
 * Exactly one strand runs between two sleeps, so a seed always gives the same order of events.
 */
export class VirtualClock {
  readonly #random: Random;
  readonly #deadline: number;
  readonly #expire: () => void;
  #sleepers: Sleeper[] = [];
  #now: number;

  /** After `deadline` (milliseconds) no strand wakes, and `expire` is called once. */
  constructor(start: number, random: Random, deadline: number, expire: () => void) {
    this.#now = start;
    this.#random = random;
    this.#deadline = deadline;
    this.#expire = expire;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Zero seconds still yields: the other strands at this moment get their turn. */
  sleep(strand: Strand, seconds: number): Promise<void> {
    return new Promise((wake) => {
      this.#enqueue(strand, wake, seconds);
      this.#wakeNext();
    });
  }

  /**
   * Runs the jobs on their own strands, `atOnce` of them at a time, and returns their results in job order.
   * The first failed job ends the others where they sleep.
   */
  concurrently<T>(
    parent: Strand,
    jobs: readonly ((strand: Strand) => Promise<T>)[],
    atOnce = jobs.length,
  ): Promise<T[]> {
    const group: Strand = { parent };
    const results: T[] = new Array(jobs.length);
    const queue = [...jobs.entries()];
    let unfinished = jobs.length;
    return new Promise((resolve, reject) => {
      const startNext = (): void => {
        const next = queue.shift();
        if (next === undefined) return;
        const [index, job] = next;
        const strand: Strand = { parent: group };
        this.#enqueue(strand, () => job(strand).then((result) => finish(index, result), abandon));
      };
      const finish = (index: number, result: T): void => {
        results[index] = result;
        unfinished -= 1;
        if (unfinished === 0) this.#enqueue(parent, () => resolve(results));
        else startNext();
        this.#wakeNext();
      };
      const abandon = (reason: unknown): void => {
        this.#sleepers = this.#sleepers.filter((sleeper) => !descends(sleeper.strand, group));
        this.#enqueue(parent, () => reject(reason));
        this.#wakeNext();
      };
      for (let slot = 0; slot < atOnce; slot += 1) startNext();
      if (unfinished === 0) this.#enqueue(parent, () => resolve(results));
      this.#wakeNext();
    });
  }

  #enqueue(strand: Strand, wake: () => void, seconds = 0): void {
    this.#sleepers.push({ strand, at: this.#now + seconds * 1000, tie: this.#random.next(), wake });
  }

  #wakeNext(): void {
    const earliest = this.#sleepers.reduce<Sleeper | undefined>((best, it) => {
      return best === undefined || it.at < best.at || (it.at === best.at && it.tie < best.tie) ? it : best;
    }, undefined);
    if (earliest === undefined) return;
    if (earliest.at > this.#deadline) {
      this.#now = this.#deadline;
      this.#sleepers = [];
      this.#expire();
      return;
    }
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== earliest);
    this.#now = earliest.at;
    earliest.wake();
  }
}

function descends(strand: Strand, ancestor: Strand): boolean {
  for (let it: Strand | undefined = strand; it !== undefined; it = it.parent)
    if (it === ancestor) return true;
  return false;
}
