import type { Database } from '../../plan/sections/databases.ts';

/**
 * The engines that a plan can name. Each part of an engine is opened by a file of its own in this folder, so that a function
 * bundles only the parts that it uses.
 */
export type EngineName = 'postgres';

/** The engine of a database: its key in the plan. */
export function engineOf(_database: Pick<Database, EngineName>): EngineName {
  return 'postgres';
}
