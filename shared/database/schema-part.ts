import { distance } from 'fastest-levenshtein';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { readable, readableName, type TableName } from './table.ts';

/** A table or schema that was asked for is not in the recovery point, or its name cannot be read. */
export class PartUnknown extends LifeboatError {
  override readonly name = 'PartUnknown';
  override readonly kind = 'usage';
}

/** One table or view, or a whole schema where `name` is null. Names as stored, unquoted. */
export interface PartName {
  readonly schema: string;
  readonly name: string | null;
}

/** A part of a dumped definition that can be loaded and compared by itself. */
export interface SchemaPart {
  readonly archive: Buffer;
  readonly fingerprint: string;
  /** Every table whose rows come with it, partitions included. */
  readonly tables: readonly TableName[];
  readonly sequences: readonly TableName[];
  /** Sequences that the whole definition makes and the part does not. */
  readonly otherSequences: readonly TableName[];
  readonly extensions: readonly string[];
  /** The partitioned table that the rows of a partition go through, where it is in the part. By the partition's readable name. */
  readonly parents: ReadonlyMap<string, TableName>;
  /** What comes although nobody asked for it, each with the reason, in words. */
  readonly added: readonly string[];
  /** What belongs to the part and does not come, each with the reason, in words. */
  readonly leftOut: readonly string[];
}

const NAME = /^(?:"((?:[^"]|"")+)"|([^".\s]+))(?:\.(?:"((?:[^"]|"")+)"|([^".\s]+)))?$/;

/**
 * Reads `schema.table` or `schema`. Names are taken as they are stored; quotes are needed only around dots and spaces.
 *
 * @throws PartUnknown where the text is neither
 */
export function parsePartName(text: string): PartName {
  const [, quotedSchema, schema, quotedName, name] = NAME.exec(text) ?? [];
  const unquoted = (quoted: string | undefined) => quoted?.replaceAll('""', '"');
  const read = unquoted(quotedSchema) ?? schema;
  if (read === undefined)
    throw new PartUnknown(
      `${JSON.stringify(text)} names neither a table nor a schema: expected schema.table or schema, in quotes where a name has a dot or a space`,
    );
  return { schema: read, name: unquoted(quotedName) ?? name ?? null };
}

/** The error for a name that is not there, with names that are near. */
export function partUnknown(
  wanted: PartName,
  known: { readonly schemas: readonly string[]; readonly tables: readonly TableName[] },
): PartUnknown {
  const isTable = wanted.name !== null;
  const asked = isTable
    ? readable({ schema: wanted.schema, name: wanted.name })
    : readableName(wanted.schema);
  const tables = known.tables.map((table) => ({
    shown: readable(table),
    names: [readable(table), table.name],
  }));
  const schemas = known.schemas.map((schema) => ({ shown: readableName(schema), names: [schema] }));
  const words = [wanted.name ?? wanted.schema, asked].map((word) => word.toLowerCase());
  const near = [...(isTable ? tables : schemas), ...(isTable ? [] : tables)]
    .map(({ shown, names }) => ({
      shown,
      away: Math.min(
        ...names.flatMap((name) => words.map((word) => distance(word, name.toLowerCase()) / word.length)),
      ),
    }))
    .filter(({ away }) => away <= 1 / 3)
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ shown }) => shown);
  const others = isTable
    ? `it has ${known.tables.length} tables and views in the schemas ${known.schemas.join(', ')}`
    : `it has: ${known.schemas.join(', ')}`;
  return new PartUnknown(
    `the recovery point has no ${isTable ? 'table or view' : 'schema'} ${asked}; ${
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : others
    }`,
  );
}
