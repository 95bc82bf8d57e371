import { setTimeout as sleep } from 'node:timers/promises';
import { clusterIfThere } from '../api/instances/instance.ts';
import { recoverRegion } from '../api/recover.ts';
import type { Service } from '../api/service.ts';

/** Regions that are gone, each with all of its servers, until they come back. Forgotten at the end of the program. */
export class Outages {
  readonly #down = new Set<string>();

  isDown(region: string): boolean {
    return this.#down.has(region);
  }

  /**
   * Kills every server of a Region and cuts its API, at once and without a word to anybody; what was under way stays as it is.
   * Returns when nothing of the Region runs any more. Other Regions go on.
   */
  async takeDown(service: Service, region: string): Promise<void> {
    this.#down.add(region);
    let ended = false;
    const interrupted = service.work.interrupt(region).then(() => {
      ended = true;
    });
    // An operation that is not over yet may start a server behind our back.
    while (!ended) {
      await killAll(service, region);
      await Promise.race([interrupted, sleep(10)]);
    }
    await killAll(service, region);
  }

  /** Lets a Region come back: its instances start, by crash recovery, and what was under way is taken up or has failed. */
  async bringUp(service: Service, region: string): Promise<void> {
    if (this.#down.delete(region)) await recoverRegion(service, region);
  }
}

async function killAll(service: Service, region: string): Promise<void> {
  const there = service.state.instances.all().filter((instance) => instance.region === region);
  await Promise.all(there.map(async (instance) => (await clusterIfThere(service, instance))?.kill()));
}
