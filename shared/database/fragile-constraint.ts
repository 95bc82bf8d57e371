/**
 * A key, foreign key or exclusion that rows may break on another server although they keep it in the source: it compares by
 * something that the rows do not hold. A violation of it proves nothing.
 */
export interface FragileConstraint {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** Why no violation of it proves anything; null if only a collation of another version makes it doubtful. */
  readonly because: string | null;
  /** The collations that it compares by, and the versions that its values may have been compared under in the source. */
  readonly collations: readonly CollationVersions[];
}

export interface CollationVersions {
  readonly schema: string;
  readonly name: string;
  readonly versions: readonly string[];
}
