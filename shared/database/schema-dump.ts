import type { FragileConstraint } from './fragile-constraint.ts';

/** The definition of a database. Only the engine that dumped it reads the archive. */
export interface SchemaDump {
  /** In the engine's own format: what is stored, loaded and compared. */
  readonly archive: Buffer;
  /** sha256, in hex, of all that a restored copy must have too: equal for two databases of one definition. */
  readonly fingerprint: string;
}

/** The definition of a source, with what a copy on another server needs or lacks. */
export interface SourceSchema extends SchemaDump {
  /** Roles that the definition names, as policies do. A server without them cannot load it. */
  readonly roles: readonly string[];
  /** Names of indexes that cannot be used in the source either. */
  readonly invalidIndexes: readonly string[];
  /** Constraints that the rows may break on another server although they keep them in the source. */
  readonly fragileConstraints: readonly FragileConstraint[];
  /** What is in the source and never in a copy, in words such as `12 grants`. */
  readonly notCarried: readonly string[];
}

/** How two definitions differ, by titles such as `INDEX public.contacts_email`. */
export interface SchemaComparison {
  /** At most ten, and then how many more. */
  readonly differences: readonly string[];
  /** Missing in the copy because its server did not allow them. They are no difference. */
  readonly leftOut: readonly string[];
}
