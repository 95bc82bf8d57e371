/** Names a table by schema and name, both as stored in the catalogue (unquoted). */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** How rows are written: `binary` can only be read by a server of the same major version. */
export type RowFormat = 'binary' | 'text';

/** What a load and a comparison must know of a table to treat its rows as its source did. */
export interface RowRules {
  /**
   * `first`: before all others, because functions of its extension may read it. `together`: in any order, at the same time
   * as others. `last`: after those, because loading a row calls functions of the
   * application, which may read other tables.
   */
  readonly loaded: 'first' | 'together' | 'last';
  /**
   * The partitioned table that the rows are loaded through, because another server may put a row into another partition. The
   * contents of its partitions are compared as one. Null for every other table.
   */
  readonly through: TableName | null;
  /**
   * The extension whose script made the table, where the extension marks rows of it as the application's. Other rows come
   * from the script, so they are neither copied nor compared. Null for a table of the application.
   */
  readonly extension: ExtensionRows | null;
}

/** Which rows of an extension's table the application added. */
export interface ExtensionRows {
  readonly name: string;
  /** The engine's own words for them, as the end of a query; empty for all. */
  readonly where: string;
}

/** The rules of most tables. */
export const ORDINARY_ROWS: RowRules = { loaded: 'together', through: null, extension: null };

/** A table whose rows a backup by tables carries. */
export interface SourceTable extends TableName, RowRules {
  /** Columns that hold stored values, in order. A restored copy computes generated columns again. */
  readonly columns: readonly string[];
  /** Bytes on disk, without indexes. */
  readonly bytes: number;
  /** False where a value cannot be written in binary, or would mean something else in another database. */
  readonly binaryCapable: boolean;
  /** The server has none of its rows and refuses to read it: a copy gets an empty table. */
  readonly withoutRows?: boolean;
}

/** One part of a table that can be read independently of its other parts. */
export interface TableRange {
  readonly table: SourceTable;
  /** Counted from 0. */
  readonly part: number;
  /** The engine's own words for where the part begins and ends; empty for a whole table. */
  readonly where: string;
  /** Bytes on disk, estimated, for progress and order. */
  readonly bytes: number;
}

/** The current position of a sequence. Sequences are outside of snapshots. */
export interface SequencePosition extends TableName {
  /** As text, because it is a bigint. */
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** The table's name in messages, different for every table: `public.campaigns`, `public."Weird Name"`. */
export function readable({ schema, name }: TableName): string {
  return `${readableName(schema)}.${readableName(name)}`;
}

/** A name in messages, in quotes where SQL needs them. */
export function readableName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/**
 * The large objects of a database, carried as the rows of one table: each row is a piece of an object. No table of an
 * application can have this name.
 */
export const LARGE_OBJECTS: TableName = { schema: 'pg_catalog', name: 'pg_largeobject' };

export function isLargeObjects({ schema, name }: TableName): boolean {
  return schema === LARGE_OBJECTS.schema && name === LARGE_OBJECTS.name;
}

/** True of the heartbeat's table, which is Lifeboat's own and not the application's. */
export function isHeartbeat({ schema, name }: TableName): boolean {
  return schema === 'lifeboat' && name === 'heartbeat';
}
