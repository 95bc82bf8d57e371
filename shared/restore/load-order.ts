import type { RowRules, TableName } from '../database/table.ts';

/** Tables that are loaded one after the other, then those at the same time, then again one after the other. */
export interface LoadOrder<Table> {
  readonly first: readonly Table[];
  readonly together: readonly Table[];
  readonly last: readonly Table[];
}

/**
 * Decides in which order tables are loaded. A table whose rows call functions of the application waits for the others,
 * because such a function may read them. Those that are loaded one by one follow pg_dump's order: by schema and name.
 */
export function loadOrder<Table extends TableName & RowRules>(tables: readonly Table[]): LoadOrder<Table> {
  const of = (when: RowRules['loaded']) => tables.filter(({ loaded }) => loaded === when);
  return { first: of('first').sort(asPgDump), together: of('together'), last: of('last').sort(asPgDump) };
}

/** By schema and name, byte by byte as the C locale sorts. */
export function asPgDump(one: TableName, other: TableName): number {
  return compare(one.schema, other.schema) || compare(one.name, other.name);
}

function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
