import type { Manifest } from '../backup/logical/manifest.ts';
import { readStoredSchema } from '../backup/logical/read-stored.ts';
import type { DatabaseAccess } from '../database/access.ts';
import type { Loader, Restores } from '../database/engine.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { Vault } from '../vault/vault.ts';
import { loadRows } from './load-rows.ts';
import { asDamage } from './whose-fault.ts';

export interface LoadPorts {
  readonly vault: Vault;
  readonly restores: Restores;
  readonly progress: ProgressReporter;
}

export interface LoadRequest {
  readonly manifest: Manifest;
  /** An empty database. */
  readonly into: DatabaseAccess;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** What a load did in another way than planned, and what it could not do that says nothing of the backup. In words. */
export interface Loaded {
  readonly notices: readonly string[];
}

/**
 * Loads a logical recovery point into an empty database: schema, rows in parallel, sequences, indexes and constraints,
 * statistics. Each object is compared with the manifest while it is read. Each part of a table is loaded whole or not at all.
 *
 * @throws RecoveryPointDamaged if the recovery point is at fault
 * @throws ScratchUnsuitable if the server has another major version than the source, or lacks an extension of it
 * @throws DatabaseUnreachable, and the signal's reason
 */
export function createLoadRecoveryPoint(ports: LoadPorts) {
  const { vault, restores } = ports;
  return async function loadRecoveryPoint({ manifest, into, ...options }: LoadRequest): Promise<Loaded> {
    const computeUnder = manifest.source.settings;
    const { fragileConstraints } = manifest.schema;
    return restores.load(into, { ...options, computeUnder, fragileConstraints }, async (loader) => {
      await loader.checkSuitable(manifest.source);
      const schema = await readStoredSchema(vault, manifest);
      await loader.createRoles(manifest.schema.roles);
      await asDamage(restores, 'the schema before the rows', loader.loadPreData(schema));
      const refusedAtFirst = await loadRows(ports, loader, manifest);
      await asDamage(restores, 'the sequences', loader.setSequences(manifest.sequences));
      await asDamage(restores, 'the schema after the rows', loadPostData(ports, loader, manifest, schema));
      return { notices: [...refusedAtFirst, ...(await loader.analyze())] };
    });
  };
}

async function loadPostData(
  { progress }: LoadPorts,
  loader: Loader,
  { tables }: Manifest,
  schema: Buffer,
): Promise<void> {
  const bytes = tables.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.rawBytes, 0);
  await loader.loadPostData(schema, (tasksDone, tasksTotal) =>
    progress.report({ doing: 'building indexes and constraints', bytes, tasksDone, tasksTotal }),
  );
}
