import type { RowRules, TableName } from '../database/table.ts';

/** Tables that are loaded at the same time, and then those that are loaded one after the other. */
export interface LoadOrder<Table> {
  readonly together: readonly Table[];
  readonly oneByOne: readonly Table[];
}

/**
 * Decides in which order tables are loaded. A table whose rows call functions of the application waits for the others,
 * because such a function may read them. Among themselves these follow pg_dump's order: by schema and name.
 */
export function loadOrder<Table extends TableName & RowRules>(tables: readonly Table[]): LoadOrder<Table> {
  return {
    together: tables.filter(({ loaded }) => loaded === 'together'),
    oneByOne: tables.filter(({ loaded }) => loaded === 'last').sort(asPgDump),
  };
}

/** By schema and name, byte by byte as the C locale sorts. */
export function asPgDump(one: TableName, other: TableName): number {
  return compare(one.schema, other.schema) || compare(one.name, other.name);
}

function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
