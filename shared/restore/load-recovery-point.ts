import type { Manifest } from '../backup/logical/manifest.ts';
import { readPart } from '../backup/logical/read-part.ts';
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
  /** Tables and schemas such as `public.contacts` or `public`; none for everything. */
  readonly only?: readonly string[] | undefined;
  /** An empty database. */
  readonly into: DatabaseAccess;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** What a load did in another way than planned, and what it could not do that says nothing of the backup. In words. */
export interface Loaded {
  readonly notices: readonly string[];
  /** What was loaded: the manifest, or the part of it that was asked for. */
  readonly manifest: Manifest;
}

/**
 * Loads a logical recovery point, or a part of it, into an empty database: schema, rows in parallel, sequences, indexes and constraints,
 * statistics. Each object is compared with the manifest while it is read. Each part of a table is loaded whole or not at all.
 *
 * @throws PartUnknown if `only` names what it does not have
 * @throws RecoveryPointDamaged if the recovery point is at fault
 * @throws ScratchUnsuitable if the server has another major version than the source, or lacks an extension of it
 * @throws DatabaseUnreachable, and the signal's reason
 */
export function createLoadRecoveryPoint(ports: LoadPorts) {
  const { vault, restores } = ports;
  return async function loadRecoveryPoint({
    manifest: whole,
    only = [],
    into,
    ...options
  }: LoadRequest): Promise<Loaded> {
    const part = await readPart({ vault, engine: restores }, whole, only);
    const { manifest, schema } = part;
    const computeUnder = manifest.source.settings;
    const { fragileConstraints } = manifest.schema;
    return restores.load(into, { ...options, computeUnder, fragileConstraints }, async (loader) => {
      await loader.checkSuitable(manifest.source);
      await loader.createRoles(manifest.schema.roles);
      await asDamage(restores, 'the schema before the rows', loader.loadPreData(schema));
      const refusedAtFirst = await loadRows(ports, loader, manifest);
      await asDamage(restores, 'the sequences', loader.setSequences(manifest.sequences));
      await asDamage(restores, 'the schema after the rows', loadPostData(ports, loader, manifest, schema));
      const notices = [
        ...part.added.map((what) => `also restored: ${what}`),
        ...part.leftOut.map((what) => `left out: ${what}`),
        ...refusedAtFirst,
        ...(await loader.analyze()),
      ];
      return { notices, manifest };
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
