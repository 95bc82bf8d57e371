import type { Restores } from '../../database/engine.ts';
import { parsePartName, type SchemaPart } from '../../database/schema-part.ts';
import { isLargeObjects, readable } from '../../database/table.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Manifest } from './manifest.ts';
import { readStoredSchema } from './read-stored.ts';

/** A recovery point, or some tables and schemas of it, as it is loaded and compared. */
export interface StoredPart {
  /** Names only what is loaded. */
  readonly manifest: Manifest;
  /** The definition, in the engine's format. */
  readonly schema: Buffer;
  /** True of a whole recovery point. */
  readonly whole: boolean;
  /** What comes although nobody asked for it, in words. */
  readonly added: readonly string[];
  /** What belongs to it in the source and is left out, in words. */
  readonly leftOut: readonly string[];
}

/**
 * Reads the definition that a recovery point holds, and narrows both to what was asked for.
 *
 * @param only names such as `public.contacts` or `public`; none for everything
 * @throws PartUnknown, RecoveryPointDamaged
 */
export async function readPart(
  { vault, engine }: { vault: Vault; engine: Pick<Restores, 'partOf'> },
  manifest: Manifest,
  only: readonly string[],
): Promise<StoredPart> {
  const wanted = only.map(parsePartName);
  const schema = await readStoredSchema(vault, manifest);
  if (wanted.length === 0) return { manifest, schema, whole: true, added: [], leftOut: [] };
  const part = engine.partOf(schema, wanted);
  const narrowed = narrowManifest(manifest, part);
  const hasLargeObjects = manifest.tables.some((table) => isLargeObjects(table) && table.rows !== '0');
  return {
    manifest: narrowed,
    schema: part.archive,
    whole: false,
    added: part.added,
    leftOut: [...part.leftOut, ...(hasLargeObjects ? ['large objects, which belong to no table'] : [])],
  };
}

/** The manifest of a part: its tables and sequences, and what the server needs for them. */
export function narrowManifest(manifest: Manifest, part: SchemaPart): Manifest {
  const tables = new Set(part.tables.map(readable));
  const sequences = new Set(part.sequences.map(readable));
  const otherSequences = new Set(part.otherSequences.map(readable));
  const extensions = new Set(part.extensions);
  const text = part.archive.toString('utf8');
  const kept = manifest.tables.filter((table) =>
    table.extension ? extensions.has(table.extension.name) : tables.has(readable(table)),
  );
  // The sequences of an extension stand beside its tables. The definition names neither.
  const schemasOfExtensions = new Set(kept.flatMap(({ schema, extension }) => (extension ? schema : [])));
  return {
    ...manifest,
    source: {
      ...manifest.source,
      // Every database has plpgsql.
      extensions: manifest.source.extensions.filter(({ name }) => name === 'plpgsql' || extensions.has(name)),
    },
    schema: {
      ...manifest.schema,
      fingerprint: part.fingerprint,
      roles: manifest.schema.roles.filter((role) => text.includes(role)),
    },
    tables: kept.map((table) =>
      table.through ? { ...table, through: part.parents.get(readable(table)) ?? null } : table,
    ),
    sequences: manifest.sequences.filter(
      (sequence) =>
        sequences.has(readable(sequence)) ||
        (schemasOfExtensions.has(sequence.schema) && !otherSequences.has(readable(sequence))),
    ),
  };
}
