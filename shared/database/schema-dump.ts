import { createHash } from 'node:crypto';

/** The definition of a database, in the two sections that run before and after its rows are loaded. */
export interface SchemaDump {
  /** Types, functions, tables, sequences, defaults: what must exist before rows are loaded. SQL. */
  readonly preData: string;
  /** Indexes, constraints, triggers, materialized views: what is made once the rows are loaded. SQL. */
  readonly postData: string;
}

/** sha256, in hex, of both sections: equal for two databases whose dumps are equal. */
export function schemaFingerprint(schema: SchemaDump): string {
  return createHash('sha256').update(schema.preData).update('\0').update(schema.postData).digest('hex');
}
