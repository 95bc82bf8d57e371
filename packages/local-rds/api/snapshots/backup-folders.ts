import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../engine/engine.ts';

/** Base backups by folder. One that is being read is not removed under the reader's hands. */
export class BackupFolders {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #leases = new Map<string, Set<Promise<void>>>();

  constructor(engine: Engine, folder: string) {
    this.#engine = engine;
    this.#folder = folder;
  }

  /** Where another backup may be made: nothing is there. */
  next(): string {
    return path.join(this.#folder, randomBytes(12).toString('hex'));
  }

  /** Removes whatever no record speaks of: beginnings that a killed program left. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder);
    const unknown = names.map((name) => path.join(this.#folder, name)).filter((one) => !known.has(one));
    for (const folder of unknown) await rm(folder, { recursive: true, force: true });
  }

  /** Keeps a backup from being removed until the returned function is called. */
  lease(folder: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leases = this.#leases.get(folder) ?? new Set();
    this.#leases.set(folder, leases.add(promise));
    return () => {
      leases.delete(promise);
      resolve();
    };
  }

  /** Removes a backup once its readers are done. Does nothing when it does not exist. */
  async delete(folder: string): Promise<void> {
    await Promise.all(this.#leases.get(folder) ?? []);
    this.#leases.delete(folder);
    const backup = await this.#engine.readBackup(folder).catch((error: Error) => {
      if (error.name !== 'BackupNotFound') throw error;
    });
    if (backup) await this.#engine.deleteBackup(backup);
  }
}
